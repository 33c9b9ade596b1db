import { namesCount } from '@code-agent/command/grammar'
import { visibleText } from '@code-agent/command/untrusted-text'
import type { Strategy } from '@code-agent/jobs/run'
import type { StepResult } from '@code-agent/jobs/steps'
import type { Effort } from '@code-agent/llm/model'
import { plannerTurn, warmUpTurn } from '@code-agent/llm/turns'
import type { Admission } from '@code-agent/store/admission'
import type { Read, Run } from '@code-agent/store/read'
import { type StepInput, workingRun } from '@code-agent/store/served-run'
import type { Planned, Transitions } from '@code-agent/store/transitions'
import { fixedPart } from '../conversation.ts'
import type { ModelCalls } from '../model-calls.ts'
import type { Models } from '../models.ts'
import { filledUp, namedStrategies, sharedModels } from '../plan-strategies.ts'
import { type ProjectSettings, WrongSettings } from '../project-settings.ts'
import type { ReadContext, RunContext } from '../read-context.ts'

type Ports = {
  store: Read & Transitions
  models: Models
  calls: ModelCalls
  readContext: ReadContext
  maxOutputTokens: number
  effort: Effort
}
type Input = StepInput & { signal: AbortSignal; attempt: number }

/** Strategies are short; a planner that writes more is writing something else. */
const planTokens = 4_000
const warmUpTokens = 16

/** N strategies that differ on purpose, the project's own first. Its calls share the variants' prefix and so warm the models' caches for them. */
export function planRun({ store, models, calls, readContext, maxOutputTokens, effort }: Ports) {
  return async (input: Input): Promise<StepResult> => {
    const run = await workingRun(store, { ...input, states: ['accepted'] })
    const opened = await readContext(run, input.signal).catch(refusable)
    if (opened instanceof WrongSettings) {
      await store.refuse({ ...input, reason: opened.message })
      return { outcome: 'refused' }
    }
    await using read = opened
    const count = countFor(run, read.settings)
    const strategies = await plan({ run, input, read, count })
    const project = run.admission ? settled(read.settings, run.admission) : {}
    await store.planned({ runId: run.runId, generation: input.generation, strategies, project })
    return { outcome: 'done' }
  }

  type Planning = { run: Run; input: Input; read: RunContext; count: number }

  async function plan(of: Planning): Promise<Strategy[]> {
    const { run, read, count } = of
    const { settings } = read
    const named = namedStrategies(settings, count)
    const missing = count - named.length
    const turn = plannerTurn({ count: missing, intent: visibleText(run.intent).text })
    const asks = count > 1 && missing > 0
    const answer = asks
      ? await ask(of, { model: settings.model, effort: settings.effort, call: 1, tokens: planTokens, turn })
      : ''
    const strategies = filledUp(named, answer, settings, count)
    const cold = sharedModels(strategies).filter(
      ({ model }) => models.named(model).capabilities.caching && !(asks && model === settings.model),
    )
    for (const [place, { model, effort: itsEffort }] of cold.entries())
      await ask(of, { model, effort: itsEffort, call: 2 + place, tokens: warmUpTokens, turn: warmUpTurn })
    return strategies
  }

  async function ask(
    { run, input, read }: Planning,
    of: { model?: string | undefined; effort?: Effort | undefined; call: number; tokens: number; turn: string },
  ): Promise<string> {
    const model = models.named(of.model)
    const fixed = await fixedPart(
      { model, maxOutputTokens: Math.min(maxOutputTokens, of.tokens), effort: of.effort ?? effort },
      read,
    )
    const request = { ...fixed, turns: [{ role: 'user' as const, text: of.turn }] }
    const answer = await calls({
      ...input,
      model,
      variant: 0,
      call: of.call,
      deadline: run.deadline,
      states: ['accepted'],
      request,
    })
    return answer.text
  }
}

/** A number in the command counts before the project's. */
function countFor({ commentText, variantCount }: Run, { variants = variantCount }: ProjectSettings): number {
  return namesCount(commentText) ? variantCount : Math.max(variantCount, variants)
}

function refusable(error: unknown): WrongSettings {
  if (error instanceof WrongSettings) return error
  throw error
}

/** What later steps need of the project's settings, in the run's own words. */
function settled({ draftTarget, ciMarker }: ProjectSettings, admission: Admission): NonNullable<Planned['project']> {
  const branches = { source: admission.sourceBranch, target: admission.targetBranch }
  return {
    ...(draftTarget === undefined ? {} : { draftTarget: branches[draftTarget] }),
    ...(ciMarker === undefined ? {} : { ciMarker: ciMarker === 'none' ? '' : ciMarker }),
  }
}
