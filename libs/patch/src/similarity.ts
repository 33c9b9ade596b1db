/** How much of two lines' words agree in order, 0 to 1 (Dice over the longest common subsequence of words). */
export function similarity(left: string, right: string): number {
  const a = wordsOf(left)
  const b = wordsOf(right)
  if (a.length === 0 || b.length === 0 || a.length > 200 || b.length > 200) return 0
  let row = new Uint16Array(b.length + 1)
  for (const word of a) {
    const next = new Uint16Array(b.length + 1)
    for (let j = 1; j <= b.length; j++) {
      next[j] = word === b[j - 1] ? (row[j - 1] ?? 0) + 1 : Math.max(row[j] ?? 0, next[j - 1] ?? 0)
    }
    row = next
  }
  return (2 * (row[b.length] ?? 0)) / (a.length + b.length)
}

function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? []
}
