import { fitsPattern, patternOf } from '@code-agent/command/path-pattern'
import { findSecrets, looksSecretPath } from '@code-agent/command/secrets'
import type { SourceTree } from '@code-agent/patch/apply'
import type { FileChange, GrepHit } from '@code-agent/repository/git-listing'
import type { FileContent, FolderEntry, LoadedTree, Snapshot } from '@code-agent/repository/snapshot'
import { type DiffSection, diffSections } from './diff-sections.ts'
import { settingsPath } from './project-settings.ts'

export type ShownFile = FileContent | { kind: 'withheld'; because: string }

/** A repository as a model may see it: without what the project ignores, and without the content of what looks secret. */
export type Shown = {
  /** Text files, in git's order. */
  paths(): Promise<string[]>
  list(folder: string): Promise<FolderEntry[]>
  read(path: string): Promise<ShownFile>
  readMany(paths: Iterable<string>): Promise<Map<string, ShownFile>>
  grep(literal: string, options: { paths?: string[]; maxHits: number }): Promise<GrepHit[]>
  changedFiles(from: string): Promise<FileChange[]>
  /** `withheld`: the paths whose part was left out. */
  diff(from: string, options: { maxBytes: number }): Promise<{ text: string; withheld: string[] }>
  /** The same for the applier: what is not shown cannot be edited, and no report quotes it. */
  editable(files: LoadedTree): SourceTree
  /** Why a path is not shown, as the end of a sentence. What its content gives away is known once it was read. */
  hidden(path: string): string | undefined
}

const looksSecret = 'it looks as if it held secrets, which are never sent to a model'

/** @param ignore patterns as in .gitignore */
export function whatIsShown(snapshot: Snapshot, ignore: readonly string[]): Shown {
  const byContent = new Map<string, string>()
  const ignored = (path: string) => ignore.length > 0 && patternOf(path, ignore) !== undefined
  const hidden = (path: string) => {
    if (ignored(path)) return `${settingsPath} ignores it`
    return looksSecretPath(path) ? looksSecret : byContent.get(path)
  }
  function shown(path: string, file: FileContent): ShownFile {
    if (ignored(path)) return { kind: 'absent' }
    if (file.kind === 'text' && !byContent.has(path)) {
      const [secret] = findSecrets(file.content)
      if (secret)
        byContent.set(path, `line ${secret.line} looks like ${secret.kind}, and secrets are never sent to a model`)
    }
    const because = file.kind === 'absent' ? undefined : hidden(path)
    return because === undefined ? file : { kind: 'withheld', because }
  }
  async function readMany(paths: Iterable<string>): Promise<Map<string, ShownFile>> {
    const files = await snapshot.readMany([...paths].filter(path => !ignored(path)))
    return new Map([...paths].map(path => [path, shown(path, files.get(path) ?? { kind: 'absent' })]))
  }
  return {
    hidden,
    readMany,
    read: async path => (await readMany([path])).get(path) ?? { kind: 'absent' },
    paths: async () =>
      (await snapshot.tree()).flatMap(({ path, kind }) => (kind === 'text' && !ignored(path) ? [path] : [])),
    list: async folder =>
      (await snapshot.list(folder)).filter(({ path, kind }) =>
        kind === 'folder' ? !ignore.some(pattern => fitsPattern(`${path}/x`, pattern)) : !ignored(path),
      ),
    async grep(literal, options) {
      const found = await snapshot.grep(literal, options)
      const open = found.filter(hit => hidden(hit.path) === undefined)
      const files = await readMany(new Set(open.map(hit => hit.path)))
      return open.filter(hit => files.get(hit.path)?.kind === 'text')
    },
    changedFiles: async from => (await snapshot.changedFiles(from)).filter(({ path }) => !ignored(path)),
    diff: (from, options) => openParts(snapshot, { hidden, ignored, readMany }, from, options),
    editable: files => ({
      paths: () => [...files.paths()].filter(path => !ignored(path)),
      get(path) {
        const file = files.get(path)
        if (!file) return undefined
        const open = hidden(path) === undefined && (file.kind !== 'text' || shown(path, file).kind === 'text')
        return open ? file : { path, kind: 'binary' }
      },
    }),
  }
}

/** The diff without the parts of files that are not shown. */
async function openParts(
  snapshot: Snapshot,
  { hidden, ignored, readMany }: Pick<Shown, 'hidden' | 'readMany'> & { ignored: (path: string) => boolean },
  from: string,
  options: { maxBytes: number },
): Promise<{ text: string; withheld: string[] }> {
  const sections = diffSections(await snapshot.diff(from, options))
  // A part of a key need not look like one; the whole file does.
  await readMany(new Set(sections.flatMap(section => section.paths)))
  const isOpen = ({ paths, content }: DiffSection) =>
    paths.every(path => hidden(path) === undefined) && findSecrets(content).length === 0
  return {
    text: sections.flatMap(section => (isOpen(section) ? [section.text] : [])).join(''),
    withheld: sections.flatMap(section =>
      isOpen(section) ? [] : section.paths.filter(path => !ignored(path)).slice(-1),
    ),
  }
}
