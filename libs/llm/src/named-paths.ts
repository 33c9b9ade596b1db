/**
 * The files that a text names, by their whole path or by a file name that only one of them has, in the order of `tree`.
 * Showing them at once saves the model a round of reading. Unicode forms do not matter.
 */
export function namedPaths(text: string, tree: readonly string[]): string[] {
  const said = text.normalize('NFC')
  const names = new Map<string, number>()
  for (const path of tree) names.set(fileName(path), (names.get(fileName(path)) ?? 0) + 1)
  const whole = tree.filter(path => path.includes('/') && standsIn(said, path.normalize('NFC')))
  const covered = whole.map(path => path.normalize('NFC'))
  const named = tree.filter(path => {
    const name = fileName(path)
    const own = !path.includes('/') || names.get(name) === 1
    // "a/b.txt" names a/b.txt, not a b.txt at the root as well.
    return (
      own &&
      name.length > 2 &&
      standsIn(
        covered.reduce((rest, other) => rest.replaceAll(other, ' '), said),
        name,
      )
    )
  })
  const found = new Set([...whole, ...named])
  return tree.filter(path => found.has(path))
}

function fileName(path: string): string {
  return (path.split('/').at(-1) ?? path).normalize('NFC')
}

/** Whether a path occurs that is not a part of a longer one. */
function standsIn(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1)) {
    // Users write paths from the root or from here, too.
    const before = text.slice(0, at).replace(/(^|[\s"'`(])\.?\/$/, '$1')
    const begins = !/[\p{L}\p{N}_\-./]$/u.test(before.slice(-2))
    const ends = !/^(?:[\p{L}\p{N}_/-]|\.[\p{L}\p{N}])/u.test(text.slice(at + path.length, at + path.length + 3))
    if (begins && ends) return true
  }
  return false
}
