import { Rejected } from '@code-agent/jobs/errors'
import { isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { z } from 'zod'

/** Where a project says how it wants to be served; read from the target branch, so that no pull request changes its own rules. */
export const settingsPath = '.code-agent.yml'

const effort = z.enum(['low', 'medium', 'high', 'xhigh', 'max'])
const model = z.string().min(1).max(200)
const patterns = z
  .array(z.string().min(1).max(300))
  .max(200)
  .describe('Patterns as in .gitignore: `docs/`, `*.bicep`, `src/**/generated/*`')

/** `.code-agent.yml`; docs/code-agent.schema.json is made of this. */
export const ProjectSettings = z
  .strictObject({
    model: model.describe('The model of all variants, one of those the installation offers').optional(),
    effort: effort.describe('How hard the model thinks; more is slower and dearer').optional(),
    variants: z.number().int().min(1).max(20).describe('How many drafts `/edit` without a number gives').optional(),
    strategies: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(60).describe('Shown in the overview'),
          brief: z.string().min(1).max(2_000).describe('Two or three sentences: how to go about it'),
          model: model.describe('Another model for this variant').optional(),
          effort: effort.describe('Another effort for this variant').optional(),
        }),
      )
      .max(20)
      .describe('How the first variants go about it, in this order; further ones are planned by the model')
      .optional(),
    instructions: z
      .string()
      .max(20_000)
      .describe('What the model shall know and respect, besides AGENTS.md and CLAUDE.md')
      .optional(),
    paths: z
      .strictObject({
        include: patterns.describe('Files shown to the model at once, whatever is asked').optional(),
        protect: patterns.describe('An edit that touches one of these fails').optional(),
        ignore: patterns.describe('Never shown to the model, and not to be edited').optional(),
      })
      .optional(),
    draftTarget: z
      .enum(['source', 'target'])
      .describe('Drafts target the branch of the commented pull request (source) or what that one targets (target)')
      .optional(),
    ciMarker: z
      .enum(['[skip ci]', '***NO_CI***', 'none'])
      .describe('Put into commit messages to keep CI from running on drafts')
      .optional(),
  })
  .meta({ title: 'Settings of a project for Code Agent' })
export type ProjectSettings = z.infer<typeof ProjectSettings>

/** What the installation lets a project choose. */
export type Offer = { models: readonly string[]; maxVariants: number }

/** The settings are wrong: the run is refused with this as its reason. */
export class WrongSettings extends Rejected {
  override name = 'WrongSettings'
}

export type ReadSettings = { ok: true; settings: ProjectSettings } | { ok: false; problem: string }

/** All that is wrong has to fit into one sentence of a comment. */
const most = { characters: 64_000, problems: 4, said: 400 }

/**
 * Reads the file's text. What is wrong comes back as sentences for the commenter: the line, what stands there, what would
 * be right.
 */
export function readProjectSettings(text: string, offer: Offer): ReadSettings {
  if (text.length > most.characters) return wrong([{ says: `the file is longer than ${most.characters} characters` }])
  const lines = new LineCounter()
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { lineCounter: lines, prettyErrors: false })
  const broken = document.errors.map(({ message, pos }) => ({
    line: lines.linePos(pos[0]).line,
    says: `this is not YAML: ${firstSentence(message)}`,
  }))
  if (broken.length > 0) return wrong(broken)
  const value = plainValue(document)
  if ('problem' in value) return wrong([{ says: value.problem }])
  const lineOf = (path: readonly PropertyKey[]) => {
    const at = startOf(document, path)
    return at === undefined ? {} : { line: lines.linePos(at).line }
  }
  const parsed = ProjectSettings.safeParse(value.value ?? {})
  const problems = parsed.success
    ? notOffered(parsed.data, offer)
    : parsed.error.issues.flatMap(issue => describe(issue, value.value))
  if (problems.length > 0) return wrong(problems.map(({ path, says }) => ({ ...lineOf(path), says })))
  return parsed.success ? { ok: true, settings: parsed.data } : wrong([])
}

function plainValue(document: ReturnType<typeof parseDocument>): { value: unknown } | { problem: string } {
  try {
    return { value: document.toJS({ maxAliasCount: 50 }) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

type Complaint = { path: readonly PropertyKey[]; says: string }

function notOffered(settings: ProjectSettings, { models, maxVariants }: Offer): Complaint[] {
  const named = [
    { path: ['model'], name: settings.model },
    ...(settings.strategies ?? []).map((strategy, at) => ({ path: ['strategies', at, 'model'], name: strategy.model })),
  ]
  const unknown = named.flatMap(({ path, name }) =>
    name === undefined || models.includes(name)
      ? []
      : [{ path, says: `the model "${name}" is not offered here; offered: ${models.join(', ')}` }],
  )
  return (settings.variants ?? 1) > maxVariants
    ? [
        ...unknown,
        { path: ['variants'], says: `${settings.variants} variants are more than the ${maxVariants} allowed here` },
      ]
    : unknown
}

function describe(issue: z.core.$ZodIssue, value: unknown): Complaint[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => ({
      path: [...issue.path, key],
      says: `there is no setting "${[...issue.path, key].join('.')}"; there are ${settingsAt(issue.path).join(', ')}`,
    }))
  }
  const found = issue.path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null && typeof key !== 'symbol' ? Reflect.get(at, key) : undefined),
    value,
  )
  const is = found === undefined ? 'is missing' : `is ${shorten(JSON.stringify(found))}`
  const name = issue.path.length === 0 ? 'the file' : issue.path.join('.')
  return [{ path: issue.path, says: `${name} ${is}, ${issue.message.replace(/^[^:]*: (?=expected)/, '')}` }]
}

function settingsAt(path: readonly PropertyKey[]): string[] {
  const { shape } = ProjectSettings
  if (path[0] === 'paths') return Object.keys(shape.paths.unwrap().shape)
  if (path[0] === 'strategies') return Object.keys(shape.strategies.unwrap().element.shape)
  return Object.keys(shape)
}

/** Where in the text a value begins, or its key when it is the key that is wrong. */
function startOf(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return keyStart(document, node) ?? node.range[0]
  }
  return undefined
}

function keyStart(document: ReturnType<typeof parseDocument>, value: unknown): number | undefined {
  let start: number | undefined
  visit(document, {
    Pair(_key, pair) {
      if (isPair(pair) && pair.value === value && isScalar(pair.key)) start = pair.key.range?.[0]
    },
  })
  return start
}

function wrong(problems: { line?: number; says: string }[]): { ok: false; problem: string } {
  const all = problems.map(({ line, says }) => shorten(`${line ? `line ${line}: ` : ''}${says}`, most.said))
  const shown = all.filter((_, at) => at < most.problems && all.slice(0, at + 1).join('; ').length <= most.said)
  const more = problems.length > shown.length ? `; and ${problems.length - shown.length} more` : ''
  return {
    ok: false,
    problem: `The file ${settingsPath} of the target branch is wrong: ${shown.join('; ')}${more}. Nothing was started. Correct it there, then comment again.`,
  }
}

function firstSentence(message: string): string {
  return shorten(message.split('\n')[0] ?? '')
}

function shorten(text: string, most = 120): string {
  return text.length <= most ? text : `${[...text].slice(0, most - 1).join('')}…`
}
