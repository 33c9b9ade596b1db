import { Superseded } from '@code-agent/jobs/errors'
import type { RunState } from '@code-agent/jobs/run'
import type { Admission } from './admission.ts'
import type { Read, Run, Variant } from './read.ts'

/** What a step of a run is asked to do. */
export type StepInput = { runId: string; generation: number }
export type VariantInput = StepInput & { variant: number }

/**
 * The run a report speaks of, whatever its state.
 * @throws Superseded when another generation took over
 */
export async function reportedRun(store: Pick<Read, 'run'>, of: StepInput): Promise<Run> {
  const run = await store.run(of.runId)
  if (!run) throw new Superseded('there is no such run')
  if (run.generation !== of.generation)
    throw new Superseded(`generation ${of.generation} was followed by ${run.generation}`)
  return run
}

/**
 * The run a work step serves. The claim checks the same again, and more: this only spares work nobody wants any more.
 * @throws Superseded when the run moved on: another generation, another state
 */
export async function workingRun(store: Pick<Read, 'run'>, of: StepInput & { states: RunState[] }): Promise<Run> {
  const run = await reportedRun(store, of)
  if (!of.states.includes(run.state)) throw new Superseded(`the run is ${run.state}`)
  return run
}

export type ServedVariant = { run: Run; admission: Admission; variant: Variant }

/** @throws Superseded when the variant has its outcome already, or the run is not running */
export async function workingVariant(store: Pick<Read, 'run'>, of: VariantInput): Promise<ServedVariant> {
  const served = variantOf(await workingRun(store, { ...of, states: ['running'] }), of.variant)
  if (served.variant.outcome) throw new Superseded(`variant ${of.variant} is ${served.variant.outcome}`)
  return served
}

/** @throws Superseded when the run was never admitted or has no such variant */
export function variantOf(run: Run, index: number): ServedVariant {
  const variant = run.variants.find(candidate => candidate.variant === index)
  if (!variant || !run.admission) throw new Superseded(`the run has no variant ${index}`)
  return { run, variant, admission: run.admission }
}
