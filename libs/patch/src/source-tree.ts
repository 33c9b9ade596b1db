/** One file of the tree an edit is applied to, as read at one commit. */
export type SourceFile =
  | { path: string; kind: 'text'; content: string; executable?: boolean }
  | { path: string; kind: 'binary' | 'symlink' | 'submodule' }

/** The tree an edit is applied to. `paths` serves suggestions and absolute paths only; `get` decides. */
export interface SourceTree {
  get(path: string): SourceFile | undefined
  paths(): Iterable<string>
}

/** A tree of plain text files held in memory, path to content. */
export function textTree(contents: ReadonlyMap<string, string>): SourceTree {
  return {
    get(path) {
      const content = contents.get(path)
      return content === undefined ? undefined : { path, kind: 'text', content }
    },
    paths: () => contents.keys(),
  }
}
