import type { AzureDevOps, Person } from '@code-agent/ado/port'
import { cancelled, sections } from '@code-agent/command/comments'
import { keptAndRemoved } from '@code-agent/command/kept-and-removed'
import type { Claims } from '@code-agent/store/claim'
import { withEffect } from '@code-agent/store/effect'
import type { Effects } from '@code-agent/store/effects'
import type { Read, Run, RunRow } from '@code-agent/store/read'
import type { Transitions } from '@code-agent/store/transitions'
import { z } from 'zod'
import { draftlessBranches } from './draftless-branches.ts'
import { repositoryOf } from './repository-of.ts'
import type { TaskInput } from './task.ts'
import type { AnswerComment } from './tasks/answer-comment.ts'

const Chosen = z.object({ runIds: z.array(z.uuid()), refused: z.string().nullable() })
type Chosen = z.infer<typeof Chosen>

type Ports = { store: Claims & Read & Transitions & Effects; ado: AzureDevOps; holder: string }

const stoppable = ['accepted', 'ready', 'running'] as const

/**
 * `/cancel`: in a run's thread its run, elsewhere on the pull request all of them; by who asked for it, or anybody who may
 * contribute. Which ones is decided once: whoever repeats this after a crash stops the same ones, and says the same.
 */
export function cancelRuns({ store, ado, holder }: Ports) {
  return async (input: TaskInput, asked: AnswerComment, author: Person): Promise<string> => {
    const { taskId, generation } = input
    const { runIds, refused } = await withEffect(
      store,
      {
        scope: { taskId },
        ...{ generation, kind: 'choose-runs', guard: 'report', gates: [], reference: Chosen, holder },
        aftermath: () => 'nothing-happened',
      },
      () => choose(asked, author),
    )
    if (refused !== null) return cancelled({ state: 'not-allowed', reason: refused })
    if (runIds.length === 0) return cancelled({ state: 'nothing-to-cancel' })
    for (const runId of runIds) {
      await store.cancel({ runId, by: author.id, cause: 'cancelled', reason: `Cancelled by ${author.displayName}.` })
    }
    return sections(cancelled({ state: 'cancelled', by: author.displayName }), await leftBehind(runIds))
  }

  async function choose(asked: AnswerComment, author: Person): Promise<Chosen> {
    const { threadId, commentId: _, ...pullRequest } = asked.key
    const inThread = await store.runs({ filter: { ...pullRequest, threadId } })
    const runs = inThread.length > 0 ? inThread : await store.runs({ filter: { ...pullRequest, open: true } })
    const open = runs.filter(run => stoppable.some(state => state === run.state))
    const [first] = open
    if (!first) return { runIds: [], refused: null }
    const theirs = open.filter(run => run.requester.id === author.id)
    if (theirs.length === open.length) return { runIds: idsOf(open), refused: null }
    const permission = await ado.mayContribute({ ...repositoryOf(first), identityId: author.id })
    if (permission.allowed) return { runIds: idsOf(open), refused: null }
    return { runIds: idsOf(theirs), refused: theirs.length === 0 ? permission.because : null }
  }

  async function leftBehind(runIds: string[]): Promise<string> {
    const found = await Promise.all(runIds.map(runId => store.run(runId)))
    const runs = found.filter((run): run is Run => run !== undefined)
    const drafts = runs.flatMap(run =>
      run.variants.flatMap(({ pullRequestId }) =>
        pullRequestId === null
          ? []
          : [{ pullRequestId, url: ado.links.pullRequest({ ...repositoryOf(run), pullRequestId }) }],
      ),
    )
    const branches = await Promise.all(runs.map(run => draftlessBranches(store, run)))
    return keptAndRemoved({ drafts, branches: branches.flat() })
  }
}

function idsOf(runs: RunRow[]): string[] {
  return runs.map(run => run.runId)
}
