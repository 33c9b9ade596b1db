import type { Effects } from '@code-agent/store/effects'
import type { Patch, Patches } from '@code-agent/store/patches'
import type { Variants } from '@code-agent/store/variants'
import { CommitReference } from './references.ts'

/** A variant is done with its draft: branch, commit and size are written beside it. @param known its patch, if it was read already */
export async function variantLanded(
  store: Effects & Patches & Variants,
  of: { runId: string; variant: number; branch: string; pullRequestId: number },
  known?: Patch,
): Promise<void> {
  const [patch, commit] = await Promise.all([
    known ?? store.patch(of),
    store.effect({ scope: { runId: of.runId }, variant: of.variant, kind: 'commit-patch' }),
  ])
  if (!patch || !commit) throw new Error(`variant ${of.variant} has a draft but no patch or commit`)
  await store.variantDone({ ...of, ...CommitReference.parse(commit.reference), summary: patch.summary, ...patch.stats })
}
