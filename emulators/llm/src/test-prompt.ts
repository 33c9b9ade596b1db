/** The prompt's wire format as tests of the emulator write it. */
const boundary = 'b0b0b0'

export function fileBlock(path: string, content: string, range?: { from: number; to: number }): string {
  const finalNewline = content === '' || content.endsWith('\n')
  const lines = content === '' ? [] : content.replaceAll('\r\n', '\n').replace(/\n$/, '').split('\n')
  const { from, to } = range ?? { from: 1, to: lines.length }
  const shown = lines.slice(from - 1, to).map(line => `${line}\n`)
  const rest = `${content.includes('\r\n') ? ' line-ends="crlf"' : ''}${finalNewline ? '' : ' final-newline="no"'}`
  return `<file path="${escapeText(path)}" lines="${from}-${to}" of="${lines.length}"${rest} boundary="${boundary}">\n${shown.join('')}</file boundary="${boundary}">\n`
}

export function treeBlock(paths: string[], truncated = false): string {
  return `<tree truncated="${truncated ? 'yes' : 'no'}" boundary="${boundary}">\n${paths.map(path => `${escapeText(path)}\n`).join('')}</tree boundary="${boundary}">\n`
}

export function taskText(intent: string, variant: number, of: number): string {
  return `<task variant="${variant}" of="${of}">\nDo it your way.\n</task>\n<intent>${escapeText(intent)}</intent>\n`
}

function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}
