/**
 * What a file was before a canonical diff made it `after`; undefined when the diff does not lead there, or does not name
 * the file plainly.
 */
export function textBefore(diff: string, path: string, after: string): string | undefined {
  const section = diff
    .split(/^diff --git /m)
    .find(part => /^\+\+\+ b\/([^\t\n]*)\t?$/m.exec(headOf(part))?.[1] === path)
  if (section === undefined) return undefined
  const fresh = linesOf(after)
  const before: string[] = []
  let at = 0
  for (const hunk of section.split(/^@@ /m).slice(1)) {
    const [, start = '', count = '1'] = /^-\S+ \+(\d+)(?:,(\d+))? @@/.exec(hunk) ?? []
    const from = Number(start) - (count === '0' ? 0 : 1)
    if (start === '' || from < at || from > fresh.length) return undefined
    before.push(...fresh.slice(at, from))
    at = from
    for (const { mark, text } of hunkLines(hunk)) {
      if (mark !== '-' && fresh[at++] !== text) return undefined
      if (mark !== '+') before.push(text)
    }
  }
  return [...before, ...fresh.slice(at)].join('')
}

function headOf(section: string): string {
  const end = section.search(/^@@ /m)
  return end === -1 ? section : section.slice(0, end)
}

function hunkLines(hunk: string): { mark: string; text: string }[] {
  const lines = hunk.slice(hunk.indexOf('\n') + 1).split('\n')
  return lines.flatMap((line, n) => {
    if (line === '' || line.startsWith('\\')) return []
    const open = lines[n + 1]?.startsWith('\\') ?? false
    return [{ mark: line.charAt(0), text: line.slice(1) + (open ? '' : '\n') }]
  })
}

function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/).filter(line => line !== '')
}
