/** A stretch in which two texts differ: lines [oldFrom, oldTo) became [newFrom, newTo). */
export type Change = { oldFrom: number; oldTo: number; newFrom: number; newTo: number }

// Beyond this many differing lines a minimal diff helps no reader, and costs its square in time and memory.
const MAX_COST = 1500

/** The changes between two lists of lines, in order. Minimal (Myers) unless the texts differ almost everywhere. */
export function changesBetween(before: readonly string[], after: readonly string[]): Change[] {
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head++
  let oldEnd = before.length
  let newEnd = after.length
  while (oldEnd > head && newEnd > head && before[oldEnd - 1] === after[newEnd - 1]) {
    oldEnd--
    newEnd--
  }
  const old = before.slice(head, oldEnd)
  const fresh = after.slice(head, newEnd)
  if (old.length === 0 || fresh.length === 0) return gather([], head, old.length, fresh.length)
  const ids = numbered(old, fresh)
  return gather(shortest(ids.before, ids.after), head, old.length, fresh.length)
}

type Match = { old: number; fresh: number; length: number }

function numbered(before: readonly string[], after: readonly string[]) {
  const ids = new Map<string, number>()
  const idOf = (line: string) => {
    const known = ids.get(line)
    if (known !== undefined) return known
    ids.set(line, ids.size)
    return ids.size - 1
  }
  return { before: Int32Array.from(before, idOf), after: Int32Array.from(after, idOf) }
}

/** Myers' greedy search, keeping each round's furthest points to walk back along. */
function shortest(before: Int32Array, after: Int32Array): Match[] {
  const n = before.length
  const m = after.length
  const rounds: Int32Array[] = []
  let furthest = new Int32Array(3)
  for (let d = 0; d <= Math.min(n + m, MAX_COST); d++) {
    const next = new Int32Array(2 * d + 3)
    for (let k = -d; k <= d; k += 2) {
      const down = furthest[k + 1 + d] ?? 0
      const right = (furthest[k - 1 + d] ?? 0) + 1
      let x = d === 0 ? 0 : k === -d || (k !== d && right <= down) ? down : right
      while (x < n && x - k < m && before[x] === after[x - k]) x++
      next[k + d + 1] = x
      if (x >= n && x - k >= m) {
        rounds.push(next)
        return walkBack(rounds, n, m)
      }
    }
    rounds.push(next)
    furthest = next
  }
  return []
}

function walkBack(rounds: readonly Int32Array[], n: number, m: number): Match[] {
  const matches: Match[] = []
  let x = n
  let y = m
  for (let d = rounds.length - 1; d >= 0; d--) {
    const k = x - y
    const previous = rounds[d - 1]
    const at = (diagonal: number) => previous?.[diagonal + d] ?? 0
    const down = d > 0 && (k === -d || (k !== d && at(k - 1) + 1 <= at(k + 1)))
    const startX = d === 0 ? 0 : down ? at(k + 1) : at(k - 1) + 1
    const startY = startX - k
    if (x > startX) matches.push({ old: startX, fresh: startY, length: x - startX })
    if (d === 0) break
    x = down ? startX : startX - 1
    y = x - (down ? k + 1 : k - 1)
  }
  return matches.reverse()
}

function gather(matches: readonly Match[], offset: number, oldLength: number, newLength: number): Change[] {
  const changes: Change[] = []
  let old = 0
  let fresh = 0
  for (const match of [...matches, { old: oldLength, fresh: newLength, length: 0 }]) {
    if (match.old > old || match.fresh > fresh) {
      changes.push({
        oldFrom: old + offset,
        oldTo: match.old + offset,
        newFrom: fresh + offset,
        newTo: match.fresh + offset,
      })
    }
    old = match.old + match.length
    fresh = match.fresh + match.length
  }
  return changes
}
