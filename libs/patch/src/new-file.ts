import type { FileEdit, Hunk } from './edit-form.ts'

/** The text of an added file, or why the hunks do not amount to one. */
export function newFileText(edit: FileEdit): { text: string } | { detail: string } {
  if (edit.whole !== undefined) return { text: edit.whole }
  const [hunk, ...others] = edit.hunks
  if (!hunk) return { text: '' }
  if (others.length > 0) return { detail: 'A new file must be given as one hunk.' }
  const lines = hunk.lines.slice(0, ownLength(hunk))
  const stray = lines.find(line => line.kind !== 'add' && !line.bare)
  if (stray) return { detail: `A new file has only added lines, but this one quotes: ${stray.text}` }
  const last = lines.at(-1)
  const text = lines
    .map(line => (line === last && line.noNewline ? line.text : `${line.text}${line.cr ? '\r\n' : '\n'}`))
    .join('')
  return { text }
}

/** An empty line inside is one whose "+" was forgotten; at the end it is a separator, as is chatter. */
function ownLength({ lines, cuts }: Hunk): number {
  let length = lines.length
  const strays = lines.some(line => line.kind !== 'add' && !line.bare)
  if (strays && cuts?.[0] !== undefined) length = cuts[0]
  while (length > 0 && lines[length - 1]?.bare) length--
  return length
}
