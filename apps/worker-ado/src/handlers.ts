import type { AzureDevOps } from '@code-agent/ado/port'
import { pathRules as readPathRules } from '@code-agent/command/path-rules-setting'
import { Rejected } from '@code-agent/jobs/errors'
import type { Handlers, StepHandler } from '@code-agent/queue/handlers'
import { linkToRun } from '@code-agent/service/link-settings'
import type { Log } from '@code-agent/service/log'
import { logTracing, type Tracing } from '@code-agent/service/tracing'
import type { VariantInput } from '@code-agent/store/served-run'
import type { Store } from '@code-agent/store/store'
import { adoptLanded } from './adopt-landed.ts'
import { withAllowedUsers } from './allowed-users.ts'
import { runEffects } from './run-effects.ts'
import type { WorkerAdoSettings } from './settings.ts'
import { admitRun } from './steps/admit-run.ts'
import { announceVariant } from './steps/announce-variant.ts'
import { commitPatch } from './steps/commit-patch.ts'
import { openDraftPr } from './steps/open-draft-pr.ts'
import { publishOverview } from './steps/publish-overview.ts'
import { reserveBranch } from './steps/reserve-branch.ts'
import { answerComment } from './tasks/answer-comment.ts'
import { cleanUpBranches } from './tasks/clean-up-branches.ts'
import { type PollResult, pollComments } from './tasks/poll-comments.ts'
import { showWait } from './tasks/show-wait.ts'
import { watchHooks } from './watch-hooks.ts'

export type WorkerAdoPorts = {
  store: Store
  ado: AzureDevOps
  /** This process, as the effects table names who acts. */
  holder: string
  organisation: string
  settings: Pick<WorkerAdoSettings, 'DRAFT_TARGET' | 'CI_MARKER' | 'MAX_VARIANTS' | 'WEBHOOK_URL' | 'PATH_RULES'> &
    Partial<Pick<WorkerAdoSettings, 'LIMITS' | 'ALLOWED_USERS' | 'PUBLIC_URL' | 'LINK_KEY'>>
  log: Log
  tracing?: Tracing
  /** Told of each look for commands whose event did not come. */
  observePoll?: (looked: PollResult) => void
}

/** The steps and tasks that talk to Azure DevOps, and what is written down when one of them has failed for good. */
export function adoHandlers({ store, holder, organisation, settings, log, ...of }: WorkerAdoPorts): Handlers {
  const { tracing = logTracing(), observePoll = () => {} } = of
  const ado = withAllowedUsers(of.ado, settings.ALLOWED_USERS)
  const ports = {
    store,
    ado,
    holder,
    effects: runEffects(store, holder),
    limits: { maxVariants: settings.MAX_VARIANTS },
    pageOf: linkToRun(settings),
  }
  const ofVariant = (
    step: (input: VariantInput) => ReturnType<StepHandler<VariantInput>['handle']>,
  ): StepHandler<VariantInput> => ({
    handle: job => step(job.data),
    onExhausted: async ({ data }, error) => {
      await store.variantFailed({ ...data, ...failure(error) })
    },
  })
  const pathRules = readPathRules(settings.PATH_RULES ?? '')
  const admit = admitRun({ ...ports, draftTarget: settings.DRAFT_TARGET, runLimits: settings.LIMITS ?? [] })
  const announce = announceVariant({ ...ports, adopt: adoptLanded(ports) })
  const publish = publishOverview(ports)
  const answer = answerComment(ports)
  const cleanUp = cleanUpBranches(ports)
  const wait = showWait(ports)
  const hooks = watchHooks({ store, ado, organisation, webhookUrl: settings.WEBHOOK_URL, log })
  const poll = pollComments({ ...ports, organisation, watchHooks: hooks, observe: observePoll, log, tracing })
  return {
    'admit-run': {
      handle: job => admit(job.data),
      onExhausted: async ({ data }, error) => {
        await store.failAdmission({ ...data, reason: failure(error).reason })
      },
    },
    'reserve-branch': ofVariant(reserveBranch(ports)),
    'commit-patch': ofVariant(commitPatch({ ...ports, ciMarker: settings.CI_MARKER, pathRules })),
    'open-draft-pr': ofVariant(openDraftPr({ ...ports, pathRules })),
    'announce-variant': { handle: job => announce(job.data) },
    'publish-overview': { handle: job => publish(job.data) },
    'answer-comment': { handle: job => answer(job.data), onExhausted: ({ data }, error) => giveUp(data, error) },
    'poll-comments': {
      handle: job => poll({ ...job.data, signal: job.signal }),
      onExhausted: ({ data }, error) => giveUp(data, error),
    },
    'clean-up-branches': { handle: job => cleanUp(job.data), onExhausted: ({ data }, error) => giveUp(data, error) },
    'show-wait': { handle: job => wait(job.data), onExhausted: ({ data }, error) => giveUp(data, error) },
  }

  /** What cannot be done ends; what only failed for now is left to the sweeper, which makes the task due again. */
  async function giveUp(task: { taskId: string; generation: number }, error: Error): Promise<void> {
    if (error instanceof Rejected) await store.failTask({ ...task, reason: error.message })
  }
}

/** What the commenter reads: our own words as they are, anything else without its insides. */
function failure(error: Error): { reason: string; reasonClass: string } {
  if (error instanceof Rejected) return { reason: error.message, reasonClass: 'rejected' }
  return { reason: 'Azure DevOps did not answer as it should, several times in a row.', reasonClass: 'azure-devops' }
}
