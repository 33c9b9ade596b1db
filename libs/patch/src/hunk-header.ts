import type { HunkRange } from './edit-form.ts'

const RANGE = /^@@+\s*-(\d+)(?:,(\d+))?\s+\+(\d+)(?:,(\d+))?(?:\s*@@+[ \t]?(.*))?$/
const DOTS = /^(?:\.\.\.|…|-\S*\s+\+\S*)$/

export type HunkHeader = { range?: HunkRange; heading: string }

/** Reads "@@ -1,2 +1,3 @@ heading" and what models write instead: "@@", "@@ ... @@", "@@ heading", "@@ heading @@". */
export function parseHunkHeader(line: string): HunkHeader | undefined {
  if (!line.startsWith('@@')) return undefined
  const match = RANGE.exec(line)
  if (match) {
    const [, oldStart, oldCount, newStart, newCount, heading] = match
    return {
      range: {
        oldStart: Number(oldStart),
        oldCount: oldCount === undefined ? 1 : Number(oldCount),
        newStart: Number(newStart),
        newCount: newCount === undefined ? 1 : Number(newCount),
        explicit: oldCount !== undefined && newCount !== undefined,
      },
      heading: (heading ?? '').trim(),
    }
  }
  const inner = line.replace(/^@@+/, '')
  const close = inner.lastIndexOf('@@')
  const before = (close < 0 ? inner : inner.slice(0, close)).trim()
  const after = close < 0 ? '' : inner.slice(close + 2).trim()
  if (after) return { heading: after }
  return { heading: DOTS.test(before) ? '' : before }
}
