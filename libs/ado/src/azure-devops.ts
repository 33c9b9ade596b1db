import { branchVerbs } from './branches.ts'
import { commentVerbs } from './comments.ts'
import { commitVerbs } from './commits.ts'
import { type ConnectionOptions, connect } from './connection.ts'
import { linksAt } from './links.ts'
import { missedCommentVerbs } from './missed-comments.ts'
import { whoAmI as askWhoAmI } from './people.ts'
import { permissionVerbs } from './permissions.ts'
import type { AzureDevOps } from './port.ts'
import { pullRequestVerbs } from './pull-requests.ts'
import { remembered } from './remembered.ts'
import { serviceHookVerbs } from './service-hooks.ts'
import { statusVerbs } from './statuses.ts'

/**
 * Azure DevOps with one credential. Keep one per credential: it holds the connections and what is asked only once.
 * Every verb throws Rejected (never again, with a sentence for the reader), Throttled (not before its time, by its gate) or
 * another error (again later; what was asked may have happened).
 */
export function connectAzureDevOps(options: ConnectionOptions): AzureDevOps & { close(): void } {
  const connection = connect(options)
  const whoAmI = remembered(() => askWhoAmI(connection))
  return {
    whoAmI,
    ...commentVerbs(connection, whoAmI),
    ...branchVerbs(connection),
    ...commitVerbs(connection),
    ...pullRequestVerbs(connection, whoAmI),
    ...statusVerbs(connection),
    ...permissionVerbs(connection),
    ...missedCommentVerbs(connection, whoAmI),
    ...serviceHookVerbs(connection),
    serverTime: async () => {
      await askWhoAmI(connection)
      return connection.theirTime()
    },
    links: linksAt(connection.url),
    close: connection.close,
  }
}
