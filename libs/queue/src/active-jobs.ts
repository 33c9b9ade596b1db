import type { HandlerJob } from './handlers.ts'

/** The worker is going away: the job goes back to its queue and burns no attempt. */
export class HandedBack extends Error {
  override name = 'HandedBack'
}

/** Another worker may already be doing this job: stop, record nothing outside. */
export class LockLost extends Error {
  override name = 'LockLost'
}

export type ActiveJob = {
  info: Pick<HandlerJob, 'jobId'> & { name: string; data: unknown }
  abort(reason: Error): void
  /** Back to its queue now, whether or not the handler has noticed. */
  handBack(): Promise<unknown>
}

export type ActiveJobs = {
  add(job: ActiveJob): () => void
  abort(predicate: (job: ActiveJob['info']) => boolean, reason: Error): number
  handBackAll(): Promise<void>
}

/** What this process is working on at the moment. */
export function activeJobs(): ActiveJobs {
  const jobs = new Set<ActiveJob>()
  return {
    add(job) {
      jobs.add(job)
      return () => jobs.delete(job)
    },
    abort(predicate, reason) {
      const matching = [...jobs].filter(job => predicate(job.info))
      for (const job of matching) job.abort(reason)
      return matching.length
    },
    async handBackAll() {
      await Promise.allSettled([...jobs].map(job => job.handBack()))
    },
  }
}
