import type { EditContext } from '@code-agent/llm/edit-context'
import { namedPaths } from '@code-agent/llm/named-paths'
import type { Snapshot } from '@code-agent/repository/snapshot'
import type { Admission } from '@code-agent/store/admission'
import type { Run } from '@code-agent/store/read'

/** Caps of the first prompt, in characters; a token is about four. */
const caps = { diff: 40_000, tree: 20_000, files: 160_000, oneFile: 60_000, grepHits: 40, grepFiles: 8_000 }

/** What everybody who works on this run is shown, all of it read at the pinned commit. */
export async function gatherContext(snapshot: Snapshot, run: Run, admission: Admission): Promise<EditContext> {
  const [tree, changed, diff] = await Promise.all([
    snapshot.tree(),
    snapshot.changedFiles(admission.targetCommit),
    snapshot.diff(admission.targetCommit, { maxBytes: caps.diff }),
  ])
  const texts = tree.filter(entry => entry.kind === 'text').map(entry => entry.path)
  const wanted = await relevantFiles({ snapshot, run, admission, texts, changed: changed.map(file => file.path) })
  const { files, left } = await readWithin(snapshot, wanted)
  const allPaths = texts.join('\n')
  const listed = cut(allPaths, caps.tree)
  return {
    intent: run.intent,
    pullRequest: {
      title: admission.pullRequest.title,
      description: admission.pullRequest.description,
      sourceBranch: admission.sourceBranch,
      targetBranch: admission.targetBranch,
    },
    comment: admission.location ?? {},
    diff,
    changedFiles: changed.map(file => file.path),
    tree: listed.split('\n'),
    treeTruncated: listed.length < allPaths.length,
    files,
    notes: [
      ...(listed.length < allPaths.length ? [`The tree is cut: it has ${texts.length} files.`] : []),
      ...left.map(path => `“${path}” is not shown: it is too large for the first look, or not text.`),
    ],
  }
}

type Wanted = { path: string; reason: string }

/** In order of what they tell: where the comment stands, what the intent names, what it is likely about, what the pull request changes. */
async function relevantFiles(of: {
  snapshot: Snapshot
  run: Run
  admission: Admission
  texts: string[]
  changed: string[]
}): Promise<Wanted[]> {
  const { snapshot, run, admission, texts, changed } = of
  const known = new Set(texts)
  const named = namedPaths(run.intent, texts)
  // Searching reads every file; where there are too many, the model's own search finds what it needs.
  const words = texts.length <= caps.grepFiles ? wordsOf(run.intent) : []
  const hits = await Promise.all(
    words.map(word => snapshot.grep(word, { maxHits: caps.grepHits }).then(lines => lines.map(line => line.path))),
  )
  const wanted: Wanted[] = [
    ...(admission.location ? [{ path: admission.location.path, reason: 'commented on' }] : []),
    ...named.map(path => ({ path, reason: 'named in the intent' })),
    ...changed.map(path => ({ path, reason: 'changed by the pull request' })),
    ...hits.flat().map(path => ({ path, reason: 'has a word of the intent' })),
  ]
  const seen = new Set<string>()
  return wanted.filter(({ path }) => known.has(path) && !seen.has(path) && seen.add(path))
}

/** Words an intent is about: quoted text, identifiers, and plain words long enough to tell something. */
export function wordsOf(intent: string): string[] {
  const quoted = [...intent.matchAll(/["'`“”‘’]([^"'`“”‘’\n]{2,80})["'`“”‘’]/g)].map(match => match[1] ?? '')
  const words = [...intent.matchAll(/[\p{L}_$][\p{L}\p{N}_$.-]{2,60}/gu)].map(match => match[0].replace(/[.-]+$/, ''))
  const singular = words.filter(word => /[a-z]{3,}s$/i.test(word)).map(word => word.slice(0, -1))
  return [...new Set([...quoted, ...words, ...singular])]
    .filter(word => !stopWords.has(word.toLowerCase()))
    .slice(0, 12)
}

const stopWords = new Set(
  'make the and with for from into that this all use add set change replace rename remove please should must not are was have has its our your can every each when then'.split(
    ' ',
  ),
)

async function readWithin(
  snapshot: Snapshot,
  wanted: Wanted[],
): Promise<{ files: EditContext['files']; left: string[] }> {
  const texts = await snapshot.readMany(wanted.slice(0, 60).map(({ path }) => path))
  const files: EditContext['files'] = []
  const left: string[] = []
  let size = 0
  for (const { path, reason } of wanted) {
    const file = texts.get(path)
    const content = file?.kind === 'text' ? file.content : undefined
    if (content === undefined || content.length > caps.oneFile || size + content.length > caps.files) {
      if (reason !== 'has a word of the intent') left.push(path)
      continue
    }
    size += content.length
    files.push({ path, content, reason })
  }
  return { files, left }
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const end = text.lastIndexOf('\n', length)
  return text.slice(0, end > 0 ? end : length)
}
