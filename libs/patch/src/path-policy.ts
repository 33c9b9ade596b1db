import { lifecycleFault } from './lifecycle-scripts.ts'
import { builtInRules, type PathRule } from './path-rules.ts'
import { foldedPath, newNameFault, spellingFault } from './path-spelling.ts'
import { readsAsPipeline } from './pipeline-text.ts'

export type { PathRule } from './path-rules.ts'

/** What a patch does to one file. */
export type JudgedChange = {
  path: string
  kind: 'add' | 'edit' | 'delete'
  /** The text as it was; absent for a new file. */
  before?: string | undefined
  /** The text as it will be; absent for a deletion. */
  after?: string | undefined
  executable?: boolean | undefined
  /** As git writes it; anything but 100644 is blocked. */
  mode?: string | undefined
}

export type PathPolicy = {
  /** The installation's own, tried before the built-in ones: the first that fits decides. */
  rules: readonly PathRule[]
  maxFiles?: number
  /** UTF-8 bytes of all texts as they will be. */
  maxBytes?: number
}

/** Each `because` is the end of a sentence that begins with the path. */
type Finding = { path: string; because: string }
export type Judgement = { blocked: Finding[]; review: Finding[] }

const most = { files: 100, bytes: 4 * 1024 * 1024 }
const wholeChange = 'the change as a whole'

/**
 * Which files of a patch must not be pushed, and which a reviewer must look at. A mode, a path that leaves the repository
 * or lies in .git, and the sizes are nobody's to allow; a rule may allow the rest. One blocked file blocks the whole patch.
 */
export function judgeChanges(changes: readonly JudgedChange[], policy: PathPolicy): Judgement {
  const judgement: Judgement = { blocked: sizeFaults(changes, policy), review: [] }
  const seen = new Map<string, string>()
  for (const change of changes) {
    const folded = foldedPath(change.path)
    const twin = seen.get(folded)
    seen.set(folded, change.path)
    const { verdict, because } =
      twin === undefined
        ? judgeOne(change, folded, policy.rules)
        : { verdict: 'block', because: 'is the same file as another of this change on some machines' }
    if (verdict === 'allow') continue
    const list = verdict === 'review' ? judgement.review : judgement.blocked
    list.push({ path: change.path, because })
  }
  return judgement
}

/** A sentence for the one who asked; undefined when nothing is blocked. */
export function blockedSentence({ blocked }: Judgement): string | undefined {
  const [first, ...others] = blocked
  if (first === undefined) return undefined
  const rest = others.length === 0 ? '' : ` (and ${others.length} more like it)`
  return `This edit may not be made by a machine: ${first.path} ${first.because}${rest}. Ask for it without that file, or change that file by hand.`
}

function sizeFaults(changes: readonly JudgedChange[], policy: PathPolicy): Finding[] {
  const { maxFiles = most.files, maxBytes = most.bytes } = policy
  const bytes = changes.reduce((sum, { after = '' }) => sum + Buffer.byteLength(after), 0)
  return [
    ...(changes.length > maxFiles
      ? [{ path: wholeChange, because: `touches ${changes.length} files, more than the ${maxFiles} allowed` }]
      : []),
    ...(bytes > maxBytes
      ? [{ path: wholeChange, because: `is larger than the ${Math.floor(maxBytes / 1024)} KiB allowed` }]
      : []),
  ]
}

function judgeOne(change: JudgedChange, folded: string, rules: readonly PathRule[]): Omit<PathRule, 'fits'> {
  const fault = spellingFault(change.path) ?? (change.kind === 'add' ? newNameFault(change.path) : undefined)
  if (fault !== undefined) return { verdict: 'block', because: fault }
  const mode = modeFault(change)
  if (mode !== undefined) return { verdict: 'block', because: mode }
  const own = rules.find(rule => rule.fits(folded))
  if (own !== undefined) return own
  const builtIn = builtInRules.find(rule => rule.fits(folded))
  if (builtIn?.verdict === 'block') return builtIn
  const runs = contentFault(change, folded)
  if (runs !== undefined) return { verdict: 'block', because: runs }
  return builtIn ?? { verdict: 'allow', because: '' }
}

function modeFault({ mode = '100644', executable = false }: JudgedChange): string | undefined {
  if (mode === '100755' || executable) return 'would become executable'
  if (mode === '120000') return 'would become a symbolic link'
  if (mode === '160000') return 'would become a submodule'
  return mode === '100644' ? undefined : `would get a mode nobody knows (${mode.slice(0, 10)})`
}

function contentFault({ before = '', after = '', kind }: JudgedChange, folded: string): string | undefined {
  if (/\.ya?ml$/.test(folded) && (readsAsPipeline(after) || readsAsPipeline(before)))
    return 'reads as a pipeline, which runs with its secrets as soon as the branch is pushed'
  if (kind !== 'delete' && /(?:^|\/)(?:package|composer)\.json$/.test(folded))
    return lifecycleFault(kind === 'add' ? undefined : before, after)
  return undefined
}
