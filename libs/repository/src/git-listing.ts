/** What git lists, NUL-separated, in our words. Pure. */

export type TreeEntry = {
  path: string
  /** `text` is any regular file: whether it really is text shows when it is read */
  kind: 'text' | 'symlink' | 'submodule'
  executable: boolean
  /** object id: equal ids are equal contents */
  id: string
}

export type FileChange = {
  path: string
  kind: 'add' | 'edit' | 'delete' | 'rename'
  /** the former path of a rename */
  from?: string
}

export type RawChange = { path: string; status: string; ids: string[] }

export type GrepHit = { path: string; line: number; text: string }

/** `git ls-tree -r -z`. A path that is not UTF-8 is left out: nothing of ours could name it without changing it. */
export function parseTree(listing: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = []
  for (const line of split(listing)) {
    const tab = line.indexOf('\t')
    const [mode = '', , id = ''] = line.slice(0, tab).split(' ')
    const path = line.slice(tab + 1)
    if (path.includes('\uFFFD') && !isLossless(listing, path)) continue
    entries.push({ path, kind: kindOf(mode), executable: mode === '100755', id })
  }
  return entries
}

/** `git diff-tree -r -z --no-renames`: ids of the blobs on both sides, those of submodules and of absent sides left out. */
export function parseRawChanges(listing: Buffer): RawChange[] {
  const fields = split(listing)
  const changes: RawChange[] = []
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [oldMode = '', newMode = '', oldId = '', newId = '', status = ''] = (fields[i] ?? '')
      .replace(/^:/, '')
      .split(' ')
    const sides = [
      [oldMode, oldId],
      [newMode, newId],
    ] as const
    const ids = sides.filter(([mode]) => mode !== '000000' && mode !== '160000').map(([, id]) => id)
    changes.push({ path: fields[i + 1] ?? '', status, ids })
  }
  return changes
}

/** `git diff-tree -r -z -M --name-status` */
export function parseNameStatus(listing: Buffer): FileChange[] {
  const fields = split(listing)
  const changes: FileChange[] = []
  for (let i = 0; i < fields.length; ) {
    const status = fields[i++] ?? ''
    const path = fields[i++] ?? ''
    if (status.startsWith('R')) changes.push({ path: fields[i++] ?? '', kind: 'rename', from: path })
    else changes.push({ path, kind: status === 'A' ? 'add' : status === 'D' ? 'delete' : 'edit' })
  }
  return changes
}

/** `git grep -n -z` at a commit, which stands before each path. An incomplete last row is left out. */
export function parseHits(listing: Buffer, commit: string): GrepHit[] {
  const hits: GrepHit[] = []
  const rows = listing.toString('utf8').split('\n')
  rows.pop()
  for (const row of rows) {
    const [place = '', line = '', ...text] = row.split('\0')
    if (text.length === 0) continue
    hits.push({ path: place.slice(commit.length + 1), line: Number(line), text: text.join('\0') })
  }
  return hits
}

function split(listing: Buffer): string[] {
  const fields = listing.toString('utf8').split('\0')
  fields.pop()
  return fields
}

function kindOf(mode: string): TreeEntry['kind'] {
  return mode === '120000' ? 'symlink' : mode === '160000' ? 'submodule' : 'text'
}

/** A path may hold a real U+FFFD; then its bytes stand in the listing. */
function isLossless(listing: Buffer, path: string): boolean {
  return listing.includes(Buffer.from(`\t${path}\0`))
}
