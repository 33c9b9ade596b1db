import type { AzureDevOps } from '@code-agent/ado/port'
import type { StepResult } from '@code-agent/jobs/steps'
import type { Tasks } from '@code-agent/store/tasks'
import { z } from 'zod'
import type { TaskInput } from '../task.ts'

export const CleanUpBranches = z.object({
  projectId: z.string(),
  repositoryId: z.string(),
  branches: z.array(z.object({ branch: z.string(), commit: z.string() })),
})

/** Deletes branches that got no draft, each only while its tip is the commit we recorded. */
export function cleanUpBranches({ store, ado }: { store: Tasks; ado: AzureDevOps }) {
  return async (input: TaskInput): Promise<StepResult> => {
    const { branches, ...repository } = CleanUpBranches.parse((await store.task(input.taskId))?.payload)
    const results = []
    for (const branch of branches)
      results.push(await ado.ensureBranchDeleted({ ...repository, ...branch, again: true }))
    await store.finishTask({ ...input, result: { results } })
    return { outcome: 'done' }
  }
}
