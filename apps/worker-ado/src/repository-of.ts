import type { RepositoryRef } from '@code-agent/ado/port'
import type { Run } from '@code-agent/store/read'

/** The repository a run works in, as Azure DevOps is asked about it. */
export function repositoryOf(run: Pick<Run, 'projectId' | 'key'>): RepositoryRef {
  return { projectId: run.projectId, repositoryId: run.key.repositoryId }
}
