const ESCAPES: Record<string, number> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 }

/** The path of a "--- " or "+++ " line (without those four characters); undefined for /dev/null. */
export function headerPath(rest: string): string | undefined {
  const trimmed = rest.trim()
  if (trimmed.startsWith('"')) return unquotePath(trimmed)
  const path = (rest.split('\t')[0] ?? '').replace(/\s+\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*$/, '').trim()
  return path === '/dev/null' ? undefined : path.replace(/^(`+|\*\*)(.*)\1$/, '$2')
}

/** Undoes git's C-style quoting of a path, octal bytes included. */
function unquotePath(quoted: string): string {
  const close = quoted.lastIndexOf('"')
  const inner = quoted.slice(1, close > 0 ? close : undefined)
  if (!inner.includes('\\')) return inner
  const bytes: number[] = []
  const encoder = new TextEncoder()
  for (let i = 0; i < inner.length; i++) {
    const char = inner[i] ?? ''
    if (char !== '\\') {
      const whole = String.fromCodePoint(inner.codePointAt(i) ?? 0)
      bytes.push(...encoder.encode(whole))
      i += whole.length - 1
      continue
    }
    const octal = /^[0-3][0-7]{2}/.exec(inner.slice(i + 1))?.[0]
    if (octal) {
      bytes.push(Number.parseInt(octal, 8))
      i += 3
      continue
    }
    const next = inner[i + 1] ?? ''
    const code = ESCAPES[next]
    if (code === undefined) bytes.push(92, ...encoder.encode(next))
    else bytes.push(code)
    i++
  }
  return new TextDecoder().decode(new Uint8Array(bytes))
}

/** The two paths of "diff --git …", if they can be told apart. */
export function gitHeaderPaths(rest: string): { oldPath: string; newPath: string } | undefined {
  const quoted = /^("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)$/.exec(rest.trim())
  if (quoted?.[1] && quoted[2]) return { oldPath: plain(quoted[1]), newPath: plain(quoted[2]) }
  const prefixed = /^(a\/.+) (b\/.+)$/.exec(rest.trim())
  if (prefixed?.[1] && prefixed[2]) return { oldPath: prefixed[1], newPath: prefixed[2] }
  const text = rest.trim()
  const half = (text.length - 1) / 2
  const left = text.slice(0, half)
  return Number.isInteger(half) && left === text.slice(half + 1) ? { oldPath: left, newPath: left } : undefined
}

function plain(path: string): string {
  return path.startsWith('"') ? unquotePath(path) : path
}
