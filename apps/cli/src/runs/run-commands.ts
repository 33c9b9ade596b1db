import { type Command, verbOf } from '../command.ts'
import { listRuns } from './list-runs.ts'
import { showRun } from './show-run.ts'
import { cancelRun, retryRun } from './steer-run.ts'

const verbs = { list: listRuns, show: showRun, retry: retryRun, cancel: cancelRun }

export const runsCommand: Command = {
  help: `npm run runs -- list [--open] [--state STATE] [--outcome OUTCOME] [--repository ID] [--pull-request N]
                      [--since 7d] [--limit 20] [--json]
npm run runs -- show ID [--json]
npm run runs -- retry ID [--json]
npm run runs -- cancel ID [--reason TEXT] [--json]

  list     runs, newest first
  show     one run: variants, cost, audit; with PUBLIC_URL and LINK_KEY the link to its page
  retry    begins the request of a failed, refused or cancelled run again, as a new run in the same thread
  cancel   stops a run as /cancel does; its thread says why, drafts that exist stay

ID is a run's id or the first characters of it. Reads DATABASE_URL. STATE is accepted, ready, running, ending or ended;
OUTCOME is done, failed, cancelled or refused.`,
  async run(args) {
    const { verb, rest } = verbOf(verbs, args)
    return await verbs[verb](rest)
  },
}
