import { Postponed, Superseded } from '@code-agent/jobs/errors'
import type { StepResult } from '@code-agent/jobs/steps'
import type { Conclude } from '@code-agent/store/conclude'
import type { Patches } from '@code-agent/store/patches'
import type { Read, Run } from '@code-agent/store/read'
import { changedLines, compareVariants, type Evidence } from './compare-variants.ts'
import { riskMarks } from './risk-marks.ts'

/** Gathers what became of the variants, compares and ranks them. Speaks to nobody outside. */
export function concludeRun(store: Read & Conclude & Patches) {
  return async ({ runId, generation }: { runId: string; generation: number }): Promise<StepResult> => {
    const run = await store.run(runId)
    if (!run || run.generation !== generation) throw new Superseded('another generation took over')
    if (run.state === 'ending') await leasesOver(runId)
    const concluded = await store.conclude({ runId, generation })
    if (!concluded) throw new Superseded('the run moved on')
    const done = new Set(concluded.variants.filter(({ outcome }) => outcome === 'done').map(({ variant }) => variant))
    await store.saveOverview({ runId, generation, overview: compareVariants(await evidence(run, done)) })
    return { outcome: 'done' }
  }

  /** Whoever is in the middle of an effect finishes it or loses it; only then is it known what was kept. */
  async function leasesOver(runId: string): Promise<void> {
    const until = await store.leasedUntil({ runId })
    if (until) throw new Postponed('an effect is under way', { until })
  }

  function evidence(run: Run, done: ReadonlySet<number>): Promise<Evidence[]> {
    return Promise.all(
      run.variants.map(async ({ variant }) => {
        const patch = await store.patch({ runId: run.runId, variant })
        return {
          variant,
          isDone: done.has(variant),
          files: patch?.stats.files ?? 0,
          changedLines: changedLines(patch?.diff ?? ''),
          marks: riskMarks(patch?.changes ?? []),
        }
      }),
    )
  }
}
