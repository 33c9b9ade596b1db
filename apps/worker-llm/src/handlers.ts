import { pathRules } from '@code-agent/command/path-rules-setting'
import { Rejected } from '@code-agent/jobs/errors'
import { ModelFailed } from '@code-agent/llm/model-errors'
import type { Handlers } from '@code-agent/queue/handlers'
import type { Store } from '@code-agent/store/store'
import { modelCalls } from './model-calls.ts'
import type { Models } from './models.ts'
import type { ReadContext } from './read-context.ts'
import type { WorkerLlmSettings } from './settings.ts'
import { planRun } from './steps/plan-run.ts'
import { writePatch } from './steps/write-patch.ts'

export type WorkerLlmPorts = {
  store: Store
  models: Models
  readContext: ReadContext
  holder: string
  settings: Pick<WorkerLlmSettings, 'MODEL_MAX_OUTPUT_TOKENS' | 'MODEL_CALL_SECONDS' | 'MODEL_EFFORT' | 'PATH_RULES'> &
    Partial<Pick<WorkerLlmSettings, 'LIMITS'>>
}

/** The steps that ask a model, and what is written down when one of them has failed for good. */
export function llmHandlers({ store, models, readContext, holder, settings }: WorkerLlmPorts): Handlers {
  const calls = modelCalls({ store, holder, callSeconds: settings.MODEL_CALL_SECONDS, limits: settings.LIMITS ?? [] })
  const ports = {
    store,
    models,
    calls,
    readContext,
    maxOutputTokens: settings.MODEL_MAX_OUTPUT_TOKENS,
    effort: settings.MODEL_EFFORT,
    pathRules: pathRules(settings.PATH_RULES ?? ''),
  }
  const plan = planRun(ports)
  const write = writePatch(ports)
  return {
    'plan-run': {
      handle: job => plan({ ...job.data, signal: job.signal, attempt: job.attempt }),
      onExhausted: async ({ data }, error) => {
        await store.failAdmission({ ...data, reason: failure(error).reason })
      },
    },
    'write-patch': {
      handle: job => write({ ...job.data, signal: job.signal, attempt: job.attempt }),
      onExhausted: async ({ data }, error) => {
        await store.variantFailed({ ...data, ...failure(error) })
      },
    },
  }
}

/** What the commenter reads: our own words as they are, anything else without its insides. */
function failure(error: Error): { reason: string; reasonClass: string } {
  if (error instanceof Rejected) return { reason: error.message, reasonClass: 'rejected' }
  if (error instanceof ModelFailed)
    return { reason: `${error.message} It was tried several times.`, reasonClass: 'model' }
  return { reason: 'The model did not answer as it should, several times in a row.', reasonClass: 'model' }
}
