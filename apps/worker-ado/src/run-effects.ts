import { azureDevOpsGate } from '@code-agent/jobs/organisation'
import type { RunState } from '@code-agent/jobs/run'
import type { Claims } from '@code-agent/store/claim'
import { withEffect } from '@code-agent/store/effect'
import type { JsonValue } from '@code-agent/store/json'
import type { z } from 'zod'

/** One change in Azure DevOps on a run's behalf: claimed before it is made, made once, its reference stored. */
export type RunEffect<T extends JsonValue> = {
  runId: string
  organisation: string
  generation: number
  variant?: number
  kind: string
  /** The how manieth of its kind; 1 if absent. */
  number?: number
  /** States this flow serves; absent for a report, which speaks for a cancelled run too. */
  states?: RunState[]
  reference: z.ZodType<T>
  act: (claimed: { again: boolean; signal: AbortSignal }) => Promise<T>
}

export type RunEffects = <T extends JsonValue>(effect: RunEffect<T>) => Promise<T>

/** @param holder this process, as the effects table names who acts */
export function runEffects(store: Claims, holder: string): RunEffects {
  return ({ runId, organisation, generation, variant, kind, number, states, reference, act }) =>
    withEffect(
      store,
      {
        scope: { runId },
        generation,
        kind,
        holder,
        reference,
        gates: [azureDevOpsGate(organisation)],
        ...(variant === undefined ? {} : { variant }),
        ...(number === undefined ? {} : { number }),
        ...(states === undefined ? { guard: 'report' as const } : { guard: 'work' as const, states }),
      },
      act,
    )
}
