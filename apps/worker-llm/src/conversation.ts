import { Rejected } from '@code-agent/jobs/errors'
import type { Model, ModelAnswer, Turn } from '@code-agent/llm/model'
import { readTools } from '@code-agent/llm/read-tools'
import { sharedContext } from '@code-agent/llm/shared-context'
import { systemPrompt } from '@code-agent/llm/system-prompt'
import { repairTurn, retryTurn, variantTurn, wholeFileTurn } from '@code-agent/llm/turns'
import { type ApplyResult, applyEdit } from '@code-agent/patch/apply'
import type { Snapshot } from '@code-agent/repository/snapshot'
import type { ServedVariant, VariantInput } from '@code-agent/store/served-run'
import { answerTools } from './answer-tools.ts'
import type { ModelCalls } from './model-calls.ts'
import type { RunContext } from './read-context.ts'
import { firstWords } from './summary.ts'

type Ports = { model: Model; calls: ModelCalls; maxOutputTokens: number; effort: 'low' | 'medium' | 'high' }
export type PlacedEdit = Extract<ApplyResult, { ok: true }>
type Refusal = Extract<ApplyResult, { ok: false }>

/** Rounds the model gets to read what it was not shown, and to put right what could not be placed. */
const most = { readings: 3, repairs: 2 }
/** A file up to this long may be sent whole when nothing else fits. */
const wholeFileLines = 400

/**
 * Asks for a variant's edit until it can be placed with proof, or nothing more is left to try.
 * @throws Rejected with a sentence for the commenter when the variant cannot be had
 */
export async function askForEdit(
  ports: Ports,
  input: VariantInput & { signal: AbortSignal },
  served: ServedVariant,
  { snapshot, context }: RunContext,
): Promise<{ edit: PlacedEdit; answer: ModelAnswer }> {
  const { model, calls, effort, maxOutputTokens } = ports
  const { editFormat, tools } = model.capabilities
  const fixed = {
    system: systemPrompt({ editFormat }),
    shared: sharedContext(context),
    maxOutputTokens,
    effort,
    ...(tools ? { tools: [...readTools] } : {}),
  }
  const turns: Turn[] = [firstTurn(served)]
  const left = { ...most, wholeFile: 1 }
  for (let call = 1; ; call++) {
    const answer = await calls({ ...input, call, states: ['running'], request: { ...fixed, turns: [...turns] } })
    turns.push({ role: 'assistant', turn: answer.assistantTurn })
    if (answer.stop === 'tools') {
      if (left.readings-- <= 0) throw new Rejected('The model kept reading and wrote no edit.')
      turns.push(await answerTools(snapshot, answer.toolCalls))
      continue
    }
    const edit = await placed(snapshot, answer)
    if (edit.ok) return { edit, answer }
    const next =
      left.repairs-- > 0
        ? repair(edit, answer, editFormat)
        : left.wholeFile-- > 0
          ? await wholeFiles(snapshot, edit)
          : undefined
    if (!next)
      throw new Rejected(
        answer.stop === 'truncated' ? 'The edit was longer than one answer of the model may be.' : edit.reason,
      )
    turns.push({ role: 'user', text: next })
  }
}

function firstTurn({ run, variant }: ServedVariant): Turn {
  const strategy = variant.strategy ?? { name: 'As asked', brief: 'Do what the intent asks.' }
  return {
    role: 'user',
    text: variantTurn({ variant: variant.variant, of: run.variantCount, strategy, intent: run.intent }),
  }
}

/**
 * Applied in memory to the files as they are at the pinned commit; a cut-off answer never is.
 * @throws Rejected for an answer that no second try would better: the model declined, or says that it cannot
 */
async function placed(snapshot: Snapshot, answer: ModelAnswer): Promise<ApplyResult> {
  if (answer.stop === 'refused')
    throw new Rejected(`The model declined to write this edit${answer.refusal ? ` (${answer.refusal})` : ''}.`)
  if (answer.stop === 'truncated')
    return {
      ok: false,
      problems: [{ code: 'truncated', detail: 'The answer was cut off.' }],
      report: '',
      reason: 'The answer was cut off.',
    }
  const result = await snapshot.withSourceTree([], files => applyEdit({ files, text: answer.text }))
  if (!result.ok && result.problems.some(({ code }) => code === 'prose-only')) {
    throw new Rejected(`The model wrote no edit. It says: ${firstWords(answer.text)}`)
  }
  return result
}

function repair(edit: Refusal, answer: ModelAnswer, format: Model['capabilities']['editFormat']): string {
  if (answer.stop === 'truncated') return retryTurn('truncated', format)
  if (edit.problems.some(({ code }) => code === 'no-edit')) return retryTurn('no-edit', format)
  return repairTurn(edit.report)
}

/** The last resort, for files so small that the model can write them whole without losing anything. */
async function wholeFiles(snapshot: Snapshot, edit: Refusal): Promise<string | undefined> {
  const paths = [...new Set(edit.problems.flatMap(({ path }) => (path === undefined ? [] : [path])))]
  const files = await snapshot.readMany(paths)
  const small = [...files.values()].every(
    file => file.kind === 'text' && file.content.split('\n').length <= wholeFileLines,
  )
  return paths.length > 0 && small ? wholeFileTurn(edit.report, paths) : undefined
}
