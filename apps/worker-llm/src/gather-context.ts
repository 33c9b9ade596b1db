import { patternOf } from '@code-agent/command/path-pattern'
import { removedNote, visibleText } from '@code-agent/command/untrusted-text'
import type { EditContext } from '@code-agent/llm/edit-context'
import { namedPaths } from '@code-agent/llm/named-paths'
import type { Admission } from '@code-agent/store/admission'
import type { Run } from '@code-agent/store/read'
import type { Instructions } from './project-instructions.ts'
import type { Shown } from './what-is-shown.ts'

/** Caps of the first prompt, in characters. */
const caps = { diff: 40_000, tree: 20_000, files: 160_000, oneFile: 60_000 }
const sum = caps.diff + caps.tree + caps.files
/** Of words found and files searched, and how many files are read for one prompt. */
const most = { hits: 40, searched: 8_000, files: 60 }
/** What a model needs besides: rules, tools' results, its answers and their repair; a token is over three characters of code. */
const sparedTokens = 16_000
const charactersPerToken = 3

export type Gathering = {
  shown: Shown
  run: Run
  admission: Admission
  instructions: Instructions
  /** Patterns of what is shown whatever is asked. */
  include: readonly string[]
  /** What the model can hold at all. */
  contextTokens: number
}

/** What everybody who works on this run is shown, all of it read at pinned commits. */
export async function gatherContext(of: Gathering): Promise<EditContext> {
  const { shown, run, admission, instructions } = of
  const room = Math.max(of.contextTokens / 4, of.contextTokens - sparedTokens) * charactersPerToken
  const share = Math.min(1, Math.max(0.05, (room - instructions.text.length) / sum))
  const [paths, changed, diff] = await Promise.all([
    shown.paths(),
    shown.changedFiles(admission.targetCommit),
    shown.diff(admission.targetCommit, { maxBytes: Math.floor(caps.diff * share) }),
  ])
  const wanted = await relevantFiles(
    of,
    paths,
    changed.map(file => file.path),
  )
  const { files, left } = await readWithin(of, wanted, share)
  const listed = cut(paths.join('\n'), caps.tree * share)
  const treeTruncated = listed.length < paths.join('\n').length
  const intent = visibleText(run.intent)
  const title = visibleText(admission.pullRequest.title)
  const description = visibleText(admission.pullRequest.description)
  return {
    intent: intent.text,
    pullRequest: {
      title: title.text,
      description: description.text,
      sourceBranch: admission.sourceBranch,
      targetBranch: admission.targetBranch,
    },
    comment: admission.location ?? {},
    diff: diff.text,
    changedFiles: changed.map(file => file.path),
    tree: listed.split('\n'),
    treeTruncated,
    files,
    notes: [
      ...(treeTruncated ? [`The tree is cut: it has ${paths.length} files.`] : []),
      ...left,
      ...diff.withheld.map(path => `The change of “${path}” is not shown: it may hold secrets.`),
      ...instructions.notes,
      removedNote('the request', intent.removed) ?? [],
      removedNote('the title', title.removed) ?? [],
      removedNote('the description', description.removed) ?? [],
    ].flat(),
    ...(instructions.text === '' ? {} : { instructions: instructions.text }),
  }
}

type Wanted = { path: string; reason: string }
const byWord = 'has a word of the intent'

/** In order of what they tell: where the comment stands, what the project includes, what the intent names, what the pull request changes, what it is likely about. */
async function relevantFiles(
  { shown, run, admission, include }: Gathering,
  paths: string[],
  changed: string[],
): Promise<Wanted[]> {
  const known = new Set(paths)
  // Searching reads every file; where there are too many, the model's own search finds what it needs.
  const words = paths.length <= most.searched ? wordsOf(run.intent) : []
  const hits = await Promise.all(
    words.map(word => shown.grep(word, { maxHits: most.hits }).then(lines => lines.map(line => line.path))),
  )
  const wanted: Wanted[] = [
    ...(admission.location ? [{ path: admission.location.path, reason: 'commented on' }] : []),
    ...paths.filter(path => patternOf(path, include)).map(path => ({ path, reason: 'included by the project' })),
    ...namedPaths(run.intent, paths).map(path => ({ path, reason: 'named in the intent' })),
    ...changed.map(path => ({ path, reason: 'changed by the pull request' })),
    ...hits.flat().map(path => ({ path, reason: byWord })),
  ]
  const seen = new Set<string>()
  return wanted.filter(({ path }) => known.has(path) && !seen.has(path) && seen.add(path)).slice(0, most.files)
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
  { shown, admission }: Gathering,
  wanted: Wanted[],
  share: number,
): Promise<{ files: EditContext['files']; left: string[] }> {
  const found = await shown.readMany(wanted.map(({ path }) => path))
  const files: EditContext['files'] = []
  const left: string[] = []
  let size = 0
  const fits = (length: number) => length <= caps.oneFile && size + length <= caps.files * share
  for (const { path, reason } of wanted) {
    const file = found.get(path)
    if (file?.kind === 'withheld') left.push(`“${path}” is not shown: ${file.because}.`)
    if (file?.kind === 'withheld') continue
    const content = file?.kind === 'text' ? file.content : undefined
    const place = admission.location?.path === path ? admission.location : undefined
    const around = content !== undefined && place ? surroundings(content, place, caps.files * share * 0.5) : undefined
    if (content !== undefined && fits(content.length)) {
      size += content.length
      files.push({ path, content, reason })
    } else if (content !== undefined && around && fits(around.length)) {
      size += around.length
      files.push({ path, content, reason, range: around.range })
    } else if (reason !== byWord) left.push(`“${path}” is not shown: it is too large for the first look, or not text.`)
  }
  return { files, left }
}

/** As many lines around a place as have room; of a file too large to be shown whole, those the comment is about. */
function surroundings(
  content: string,
  place: { startLine: number; endLine: number },
  room: number,
): { range: { from: number; to: number }; length: number } {
  const lines = content.split('\n')
  let [from, to] = [Math.min(place.startLine, lines.length), Math.min(place.endLine, lines.length)]
  let length = lines.slice(from - 1, to).join('\n').length
  for (let more = true; more && length < room; ) {
    const [before, after] = [lines[from - 2], lines[to]]
    more = before !== undefined || after !== undefined
    if (before !== undefined) from--
    if (after !== undefined) to++
    length += (before?.length ?? 0) + (after?.length ?? 0) + 2
  }
  return { range: { from, to }, length }
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const end = text.lastIndexOf('\n', length)
  return text.slice(0, end > 0 ? end : length)
}
