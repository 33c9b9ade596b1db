import type { AzureDevOps } from '@code-agent/ado/port'
import { Postponed } from '@code-agent/jobs/errors'
import type { LinkToRun } from '@code-agent/service/link-settings'
import type { Admission } from '@code-agent/store/admission'
import type { Conclude } from '@code-agent/store/conclude'
import type { Effects } from '@code-agent/store/effects'
import type { Run } from '@code-agent/store/read'
import { CommentReference, StatusReference } from './references.ts'
import { repositoryOf } from './repository-of.ts'
import type { RunEffects } from './run-effects.ts'
import { startText } from './start-text.ts'
import { statusContext } from './status-context.ts'

type Ports = {
  store: Effects & Pick<Conclude, 'leasedUntil'>
  ado: AzureDevOps
  effects: RunEffects
  /** Where a run can be watched, if there is such a page. */
  pageOf?: LinkToRun | undefined
}

/** What everybody sees of a run that was admitted: its status is pending, and its thread says what will come. */
export function beginRun({ store, ado, effects, pageOf }: Ports) {
  return async (run: Run, admission: Admission): Promise<void> => {
    const { runId, generation, key } = run
    const pullRequest = { ...repositoryOf(run), pullRequestId: key.pullRequestId }
    const page = pageOf?.(run)
    const claim = { runId, generation, organisation: key.organisation, states: ['accepted' as const] }
    await effects({
      ...claim,
      kind: 'status-pending',
      reference: StatusReference,
      act: ({ again }) =>
        ado.ensureStatus({
          ...pullRequest,
          again,
          context: statusContext(runId, admission.slug),
          state: 'pending',
          description: `Working on ${run.variantCount === 1 ? 'a draft' : `${run.variantCount} drafts`}`,
          ...(page === undefined ? {} : { targetUrl: page }),
        }),
    })
    const waited = await toldOfWait(runId)
    await effects({
      ...claim,
      kind: 'start-comment',
      reference: CommentReference,
      act: ({ again }) =>
        ado.ensureComment({
          ...pullRequest,
          again: again || waited,
          threadId: key.threadId,
          topic: `${runId}/start`,
          text: startText(run, admission, page),
        }),
    })
  }

  /** Whether a comment says that the run waits: it becomes the start comment. Whoever is writing it is waited for. */
  async function toldOfWait(runId: string): Promise<boolean> {
    const told = await store.effect({ scope: { runId }, kind: 'show-wait' })
    const until = told?.state === 'acting' ? await store.leasedUntil({ runId, variant: 0 }) : undefined
    if (until) throw new Postponed('the wait is just being told of', { until })
    return told !== undefined
  }
}
