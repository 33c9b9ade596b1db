import type { FileEdit } from './edit-form.ts'

const EMPTY_BLOB = /^index [0-9a-f]+\.\.e69de29/
const KNOWN =
  /^(?:index |old mode |new mode |new file mode |deleted file mode |similarity index |dissimilarity index |rename (?:from|to) |copy (?:from|to) |Binary files |GIT binary patch)/

/** Takes in one line between "diff --git" and the first hunk; false when it is none. */
export function readExtendedHeader(file: FileEdit, text: string): boolean {
  if (!KNOWN.test(text)) return false
  if (text.startsWith('new file mode ')) file.action = 'add'
  if (text.startsWith('deleted file mode ')) file.action = 'delete'
  if (text.startsWith('new file mode 100755')) file.executable = true
  if (EMPTY_BLOB.test(text)) file.emptied = true
  const refused = refusalOf(text)
  if (refused && !file.refused) file.refused = refused
  return true
}

function refusalOf(text: string): FileEdit['refused'] {
  if (/ 120000$/.test(text)) return { code: 'symlink', detail: text }
  if (/ 160000$/.test(text)) return { code: 'submodule', detail: text }
  if (/^(?:old|new) mode /.test(text)) return { code: 'mode-change', detail: text }
  if (/^(?:rename|copy) (?:from|to) /.test(text)) return { code: 'rename-unsupported', detail: text }
  if (/^(?:Binary files |GIT binary patch)/.test(text)) return { code: 'binary', detail: text }
  return undefined
}
