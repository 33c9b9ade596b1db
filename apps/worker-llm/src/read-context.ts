import { Superseded } from '@code-agent/jobs/errors'
import type { EditContext } from '@code-agent/llm/edit-context'
import type { RepositoryCache } from '@code-agent/repository/repository-cache'
import type { Snapshot } from '@code-agent/repository/snapshot'
import type { Run } from '@code-agent/store/read'
import { gatherContext } from './gather-context.ts'

export type RunContext = AsyncDisposable & { snapshot: Snapshot; context: EditContext }
export type ReadContext = (run: Run, signal: AbortSignal) => Promise<RunContext>

/** @param of.cloneUrl where git fetches a repository: of the configured organisation, never from a payload */
export function contextReader(of: {
  cache: RepositoryCache
  cloneUrl: (repository: { projectId: string; repositoryId: string }) => string
  credential: { token: string; kind: 'basic' | 'bearer' }
}): ReadContext {
  return async (run, signal) => {
    const { admission } = run
    if (!admission) throw new Superseded('the run was never admitted')
    const snapshot = await of.cache.at({
      cloneUrl: of.cloneUrl({ projectId: run.projectId, repositoryId: run.key.repositoryId }),
      credential: of.credential,
      commit: admission.baseCommit,
      also: [admission.targetCommit],
      signal,
    })
    try {
      const context = await gatherContext(snapshot, run, admission)
      return { snapshot, context, [Symbol.asyncDispose]: () => snapshot.release() }
    } catch (error) {
      await snapshot.release()
      throw error
    }
  }
}
