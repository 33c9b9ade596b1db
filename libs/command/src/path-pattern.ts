/**
 * Whether a path fits a pattern as .gitignore writes them: `*` and `?` within a name, `**` across folders, a slash at the
 * end for a whole folder. A pattern without a slash fits at any depth; what fits a folder fits all within. Case counts.
 * Linear in the path for each `**`: patterns come from repositories, so none may take long.
 */
export function fitsPattern(path: string, pattern: string): boolean {
  const parts = pattern.replace(/^\.?\//, '').split('/')
  const isFolder = parts.at(-1) === ''
  if (isFolder) parts.pop()
  if (parts.length === 0) return false
  const wanted = parts.length === 1 && !pattern.startsWith('/') ? ['**', ...parts] : parts
  const names = path.split('/')
  return isFolder ? fitsBeginning(names.slice(0, -1), wanted) : fitsBeginning(names, wanted)
}

/** The first of the patterns that a path fits. */
export function patternOf(path: string, patterns: readonly string[]): string | undefined {
  return patterns.find(pattern => fitsPattern(path, pattern))
}

/** Whether the names, or the first few of them, fit. Row by row: `reached` holds after how many names this part can end. */
function fitsBeginning(names: readonly string[], parts: readonly string[]): boolean {
  let reached = [true, ...names.map(() => false)]
  for (const [place, part] of parts.entries()) {
    const before = reached
    if (part === '**') {
      const first = before.indexOf(true)
      // At the end it asks for something below.
      const least = place === parts.length - 1 ? first + 1 : first
      reached = before.map((_, count) => first !== -1 && count >= least)
    } else {
      reached = before.map((_, count) => before[count - 1] === true && fitsName(names[count - 1] ?? '', part))
    }
  }
  return reached.includes(true)
}

/** `*` and `?` in one name, by going back to the last star only: never exponential. */
function fitsName(name: string, pattern: string): boolean {
  let [at, place, star, resume] = [0, 0, -1, 0]
  while (at < name.length) {
    if (pattern[place] === '*') {
      star = place++
      resume = at
    } else if (pattern[place] === '?' || pattern[place] === name[at]) {
      place++
      at++
    } else if (star !== -1) {
      place = star + 1
      at = ++resume
    } else return false
  }
  while (pattern[place] === '*') place++
  return place === pattern.length
}
