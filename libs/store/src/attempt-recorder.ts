import type { RunJob, TaskJob } from '@code-agent/jobs/steps'
import type { Attempts } from './attempts.ts'
import type { AttemptOutcome } from './schema.ts'

type RecordedJob = { name: string; data: RunJob | TaskJob; jobId: string; attempt: number }

/** Writes down when each attempt of a job began and how it ended: reasons live here, not in Redis. */
export function attemptRecorder(store: Attempts) {
  return {
    async started({ name, data, jobId, attempt }: RecordedJob): Promise<string> {
      const scope = 'taskId' in data ? { taskId: data.taskId } : { runId: data.runId }
      const variant = 'variant' in data && data.variant !== undefined ? { variant: data.variant } : {}
      return String(
        await store.attemptStarted({ scope, ...variant, step: name, generation: data.generation, jobId, attempt }),
      )
    },
    async ended(
      id: string,
      ending: { outcome: AttemptOutcome; reasonClass?: string; message?: string; resumesAt?: Date },
    ): Promise<void> {
      await store.attemptEnded({ id: Number(id), ...ending })
    },
  }
}
