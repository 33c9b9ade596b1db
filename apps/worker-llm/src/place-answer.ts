import { patternOf } from '@code-agent/command/path-pattern'
import { findSecrets } from '@code-agent/command/secrets'
import { Rejected } from '@code-agent/jobs/errors'
import type { ModelAnswer } from '@code-agent/llm/model'
import type { FinePart } from './fine-parts.ts'
import { type PlacedEdit, placeWithKept, type Refusal } from './place-with-kept.ts'
import { settingsPath } from './project-settings.ts'
import type { RunContext } from './read-context.ts'
import { firstWords } from './summary.ts'

/**
 * Applied in memory to the files as they are at the pinned commit; a cut-off answer never is.
 * @param kept of refused answers before this one: it may leave them out
 * @throws Rejected for what no second try would better: the model declined or says that it cannot, or its edit touches what
 * the project protects, what is not shown to models, or would write a secret
 */
export async function placeAnswer(
  { snapshot, shown, settings }: Pick<RunContext, 'snapshot' | 'shown' | 'settings'>,
  answer: ModelAnswer,
  kept: FinePart[],
): Promise<PlacedEdit | Refusal> {
  if (answer.stop === 'refused')
    throw new Rejected(`The model declined to write this edit${answer.refusal ? ` (${answer.refusal})` : ''}.`)
  if (answer.stop === 'overfull')
    throw new Rejected(
      `What the model was shown and what it wrote are together more than ${answer.model} can hold: ask for less at once, or choose a model with a larger context.`,
    )
  if (answer.stop === 'truncated') return { ...cutOff, kept }
  const result = await snapshot.withSourceTree([], files => placeWithKept(shown.editable(files), answer.text, kept))
  if (result.ok) {
    checkPaths(result, settings.paths?.protect ?? [], shown.hidden)
    checkSecrets(result)
    return result
  }
  if (result.problems.some(({ code }) => code === 'prose-only'))
    throw new Rejected(`The model wrote no edit. It says: ${firstWords(answer.text)}`)
  for (const { path } of result.problems) {
    const because = path === undefined ? undefined : shown.hidden(path)
    if (because) throw new Rejected(`The edit would have changed “${path}”, which no model may edit: ${because}.`)
  }
  return result
}

const cutOff: Omit<Refusal, 'kept'> = {
  ok: false,
  problems: [{ code: 'truncated', detail: 'The answer was cut off.' }],
  report: '',
  reason: 'The answer was cut off.',
}

function checkPaths(edit: PlacedEdit, protect: readonly string[], hidden: (path: string) => string | undefined): void {
  for (const { path } of edit.changes) {
    const pattern = patternOf(path, protect)
    if (pattern) {
      const by = pattern === path ? settingsPath : `${settingsPath} (${pattern})`
      throw new Rejected(`The edit would have changed “${path}”, which ${by} protects.`)
    }
    const because = hidden(path)
    if (because) throw new Rejected(`The edit would have changed “${path}”, which no model may edit: ${because}.`)
  }
}

/** Only what is new counts: a file that held a secret before was never shown. */
function checkSecrets(edit: PlacedEdit): void {
  for (const { path, before = '', after = '' } of edit.changes) {
    const known = new Set(before.split('\n'))
    const fresh = after.split('\n').filter(line => !known.has(line))
    const [secret] = findSecrets(fresh.join('\n'))
    if (secret)
      throw new Rejected(
        `The edit would have written what looks like ${secret.kind} into “${path}”. Keep secrets out of the request and the repository; a variable or a key vault is the place for them.`,
      )
  }
}
