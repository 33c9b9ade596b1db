import { type Command, verbOf } from '../command.ts'
import { installHooks, removeHooks } from './install-hooks.ts'
import { hooksStatus, testHooks } from './look-at-hooks.ts'

const verbs = { install: installHooks, status: hooksStatus, test: testHooks, remove: removeHooks }

export const hooksCommand: Command = {
  help: `npm run hooks -- install [--project P]… [--url URL] [--renew] [--dry-run] [--json]
npm run hooks -- status  [--project P]… [--url URL] [--json]
npm run hooks -- test    [--project P]… [--url URL] [--json]
npm run hooks -- remove  [--project P]… [--url URL] [--dry-run] [--json]

  install   one service hook a project that tells the gateway of comments; mends what is wrong, asking again changes nothing
  status    each hook with its last deliveries; exit code 1 if a project has none that works
  test      Azure DevOps sends its sample event; exit code 1 if the gateway did not take it
  remove    takes away those that deliver to the address

  --project P   name or id; may be given several times (default: every project the credential sees)
  --url URL     the gateway's address, https://…/webhooks/azure-devops (default: WEBHOOK_URL)
  --renew       gives existing hooks the password of WEBHOOK_PASSWORD, after it was changed
  --dry-run     says what would be done

Reads AZURE_DEVOPS_URL, WEBHOOK_USERNAME, WEBHOOK_PASSWORD, and AZURE_DEVOPS_ADMIN_TOKEN (else AZURE_DEVOPS_TOKEN): the credential
of somebody who may edit subscriptions in these projects.`,
  async run(args) {
    const { verb, rest } = verbOf(verbs, args)
    return await verbs[verb](rest)
  },
}
