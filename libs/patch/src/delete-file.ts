import type { FileEdit } from './edit-form.ts'
import { indexFile } from './file-index.ts'
import { keyed, levelOf } from './rung.ts'

/** Why a deletion must not happen: it quotes something else than the file. Undefined when it quotes all of it. */
export function deletionFault(edit: FileEdit, content: string): string | undefined {
  if (edit.named && edit.hunks.length === 0) return undefined
  const { texts, keys } = indexFile(content)
  const lines = edit.hunks.flatMap(hunk => hunk.lines).filter(line => !line.bare && !line.unprefixed)
  if (lines.some(line => line.kind !== 'remove')) return 'A deletion must quote the file as removed lines only.'
  if (lines.length !== texts.length)
    return `The deletion quotes ${lines.length} lines, but the file has ${texts.length}.`
  const wrong = lines.findIndex((line, i) => levelOf(keyed(line), texts[i] ?? '', keys[i] ?? '') === undefined)
  return wrong < 0 ? undefined : `Line ${wrong + 1} is not what the deletion quotes.`
}
