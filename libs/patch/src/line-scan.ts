/** Where each line of a text starts, with the text's length at the end, and where the wanted lines stand. */
export type LineScan = {
  starts: readonly number[]
  /** Indices of the lines equal to each wanted text, ascending. */
  found: ReadonlyMap<string, readonly number[]>
}

const LF = 10
const CR = 13
const MARKS = 1 << 14

/** Reads a text once, from offset `from`: one look for each line feed, and a few characters of each line. */
export function scanLines(content: string, from: number, wanted: Iterable<string>): LineScan {
  const found = new Map<string, number[]>()
  const bySample = new Map<number, string[]>()
  // Nearly every line is ruled out by one bit.
  const marks = new Uint8Array(MARKS)
  for (const text of wanted) {
    if (found.has(text)) continue
    found.set(text, [])
    const sample = sampleOf(text, 0, text.length)
    marks[sample & (MARKS - 1)] = 1
    const alike = bySample.get(sample)
    if (alike) alike.push(text)
    else bySample.set(sample, [text])
  }
  const starts: number[] = []
  for (let start = from; start < content.length; ) {
    const feed = content.indexOf('\n', start)
    const next = feed < 0 ? content.length : feed + 1
    const end = lineEnd(content, start, next)
    const sample = found.size > 0 ? sampleOf(content, start, end) : 0
    if (marks[sample & (MARKS - 1)] === 1) {
      for (const text of bySample.get(sample) ?? []) {
        if (text.length === end - start && content.startsWith(text, start)) found.get(text)?.push(starts.length)
      }
    }
    starts.push(start)
    start = next
  }
  starts.push(Math.max(from, content.length))
  return { starts, found }
}

/** Where the text of a line ends that starts at `start` and whose successor starts at `next`; a lone CR belongs to the text. */
export function lineEnd(content: string, start: number, next: number): number {
  if (next === start || content.charCodeAt(next - 1) !== LF) return next
  return next - 1 > start && content.charCodeAt(next - 2) === CR ? next - 2 : next - 1
}

/** A number that equal lines share and different ones seldom do: the ends and the middle are where lines differ. */
function sampleOf(text: string, start: number, end: number): number {
  const length = end - start
  let sample = length
  if (length < 12) {
    for (let i = start; i < end; i++) sample = mixed(sample, text.charCodeAt(i))
    return sample
  }
  for (let i = end - 7; i < end; i++) sample = mixed(sample, text.charCodeAt(i))
  for (let part = 1; part < 4; part++) sample = mixed(sample, text.charCodeAt(start + ((length * part) >> 2)))
  return sample
}

function mixed(sample: number, code: number): number {
  return (Math.imul(sample, 31) + code) | 0
}
