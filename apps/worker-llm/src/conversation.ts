import { visibleText } from '@code-agent/command/untrusted-text'
import { Rejected } from '@code-agent/jobs/errors'
import type { Effort, Model, ModelAnswer, Turn } from '@code-agent/llm/model'
import { readTools } from '@code-agent/llm/read-tools'
import { sharedContext } from '@code-agent/llm/shared-context'
import { systemPrompt } from '@code-agent/llm/system-prompt'
import { variantTurn } from '@code-agent/llm/turns'
import type { ServedVariant, VariantInput } from '@code-agent/store/served-run'
import { answerTools, charactersOfAVariant, refuseTools } from './answer-tools.ts'
import type { FinePart } from './fine-parts.ts'
import type { ModelCalls } from './model-calls.ts'
import { placeAnswer } from './place-answer.ts'
import type { PlacedEdit } from './place-with-kept.ts'
import type { RunContext } from './read-context.ts'
import { lastWords, nextTry } from './repair.ts'

type Ports = { model: Model; calls: ModelCalls; maxOutputTokens: number; effort: Effort }
type Input = VariantInput & { signal: AbortSignal; attempt: number }

/** Rounds the model gets to read what it was not shown, and to put right what could not be placed. */
const most = { readings: 3, repairs: 2, wholeFiles: 1 }

/**
 * Asks for a variant's edit until it can be placed with proof, or nothing more is left to try.
 * @throws Rejected with a sentence for the commenter when the variant cannot be had
 */
export async function askForEdit(
  ports: Ports,
  input: Input,
  served: ServedVariant,
  read: RunContext,
): Promise<{ edit: PlacedEdit; answer: ModelAnswer }> {
  const { model, calls } = ports
  const fixed = await fixedPart(ports, read)
  const turns: Turn[] = [firstTurn(served)]
  const left = { ...most }
  const budget = { characters: charactersOfAVariant }
  const { deadline } = served.run
  let kept: FinePart[] = []
  for (let call = 1; ; call++) {
    const request = { ...fixed, turns: [...turns] }
    const answer = await calls({ ...input, model, call, deadline, states: ['running'], request })
    turns.push({ role: 'assistant', turn: answer.assistantTurn })
    if (answer.stop === 'tools') {
      if (left.readings < 0) throw new Rejected('The model kept reading and wrote no edit.')
      turns.push(
        left.readings-- > 0 ? await answerTools(read.shown, answer.toolCalls, budget) : refuseTools(answer.toolCalls),
      )
      continue
    }
    const edit = await placeAnswer(read, answer, kept)
    if (edit.ok) return { edit, answer }
    kept = edit.kept
    const next = await nextTry({ edit, answer, left, read, editFormat: model.capabilities.editFormat })
    if (next === undefined) throw new Rejected(lastWords(edit, answer))
    if (!calls.hasTime(deadline)) throw new Rejected(`${lastWords(edit, answer)} ${noTime}`)
    turns.push({ role: 'user', text: next })
  }
}

const noTime = 'No time was left before the deadline to let the model correct it.'

/** What all calls of a run to one model have in common, byte for byte: what its cache compares. */
export async function fixedPart({ model, maxOutputTokens, effort }: Omit<Ports, 'calls'>, read: RunContext) {
  const { editFormat, tools } = model.capabilities
  return {
    system: systemPrompt({ editFormat }),
    shared: sharedContext(await read.contextFor(model)),
    maxOutputTokens,
    effort,
    ...(tools ? { tools: [...readTools] } : {}),
  }
}

function firstTurn({ run, variant }: ServedVariant): Turn {
  const strategy = variant.strategy ?? { name: 'As asked', brief: 'Do what the intent asks.' }
  return {
    role: 'user',
    text: variantTurn({
      variant: variant.variant,
      of: run.variantCount,
      strategy,
      intent: visibleText(run.intent).text,
    }),
  }
}
