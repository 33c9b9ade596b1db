import { branchName } from '@code-agent/command/names'
import type { Effects } from '@code-agent/store/effects'
import type { Run } from '@code-agent/store/read'

/** Branches that a run pushed, or may have pushed, for variants that got no draft. */
export async function draftlessBranches(store: Effects, run: Run): Promise<string[]> {
  const { runId, admission } = run
  if (!admission) return []
  const branches: string[] = []
  for (const { variant, outcome } of run.variants) {
    if (outcome === 'done') continue
    if (!(await store.effect({ scope: { runId }, variant, kind: 'commit-patch' }))) continue
    branches.push(branchName({ user: admission.userSegment, slug: admission.slug, variant }))
  }
  return branches
}
