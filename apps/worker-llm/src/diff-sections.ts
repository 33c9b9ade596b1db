/** One file's part of a unified diff of git. */
export type DiffSection = {
  text: string
  /** Old and new path, as far as the headers say; none for a part that holds no content. */
  paths: string[]
  /** Its lines without the sign before each, so that what stood in the file is found as it stood. */
  content: string
}

export function diffSections(diff: string): DiffSection[] {
  return diff
    .split(/^(?=diff --git )/m)
    .filter(text => text !== '')
    .map(text => {
      const hunks = text.search(/^@@ /m)
      const [head, body] = hunks === -1 ? [text, ''] : [text.slice(0, hunks), text.slice(hunks)]
      return { text, paths: pathsOf(head), content: body.replace(/^[ +-]/gm, '') }
    })
}

function pathsOf(head: string): string[] {
  const found = [...head.matchAll(/^(?:--- |\+\+\+ |rename from |rename to |copy from |copy to )(.+)$/gm)].flatMap(
    ([line, raw = '']) => {
      const path = unquoted(raw.replace(/\t$/, ''))
      if (path === '/dev/null') return []
      return [/^(?:---|\+\+\+) /.test(line) ? path.replace(/^[ab]\//, '') : path]
    },
  )
  return [...new Set(found)]
}

/** git writes odd paths as C strings, bytes beyond ASCII in octal. */
function unquoted(path: string): string {
  if (!path.startsWith('"')) return path
  const escapes: Record<string, string> = { a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' }
  const bytes = path
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      /^[0-7]{3}$/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
    )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
