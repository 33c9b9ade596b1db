import type { Strategy } from '@code-agent/jobs/run'
import type { StepResult } from '@code-agent/jobs/steps'
import type { Model } from '@code-agent/llm/model'
import { parsePlan } from '@code-agent/llm/plan'
import { readTools } from '@code-agent/llm/read-tools'
import { sharedContext } from '@code-agent/llm/shared-context'
import { systemPrompt } from '@code-agent/llm/system-prompt'
import { plannerTurn } from '@code-agent/llm/turns'
import type { Read, Run } from '@code-agent/store/read'
import { type StepInput, workingRun } from '@code-agent/store/served-run'
import type { Transitions } from '@code-agent/store/transitions'
import type { ModelCalls } from '../model-calls.ts'
import type { ReadContext } from '../read-context.ts'

type Ports = {
  store: Read & Transitions
  model: Model
  calls: ModelCalls
  readContext: ReadContext
  maxOutputTokens: number
}

/** Strategies are short; a planner that writes more is writing something else. */
const planTokens = 4_000

/** N strategies that differ on purpose. Its call shares the variants' prefix and so warms the model's cache for them. */
export function planRun({ store, model, calls, readContext, maxOutputTokens }: Ports) {
  return async (input: StepInput & { signal: AbortSignal }): Promise<StepResult> => {
    const run = await workingRun(store, { ...input, states: ['accepted'] })
    const strategies = run.variantCount === 1 ? parsePlan('', 1).strategies : await plan(run, input)
    await store.planned({ runId: run.runId, generation: input.generation, strategies })
    return { outcome: 'done' }
  }

  async function plan(run: Run, input: StepInput & { signal: AbortSignal }): Promise<Strategy[]> {
    await using read = await readContext(run, input.signal)
    const answer = await calls({
      ...input,
      variant: 0,
      call: 1,
      states: ['accepted'],
      request: {
        system: systemPrompt({ editFormat: model.capabilities.editFormat }),
        shared: sharedContext(read.context),
        turns: [{ role: 'user', text: plannerTurn({ count: run.variantCount, intent: run.intent }) }],
        // Not to be called, but they stand before everything else in what the model's cache compares.
        ...(model.capabilities.tools ? { tools: [...readTools] } : {}),
        maxOutputTokens: Math.min(maxOutputTokens, planTokens),
      },
    })
    return parsePlan(answer.text, run.variantCount).strategies
  }
}
