import { linksAt } from '@code-agent/ado/links'
import { secretsOf } from '@code-agent/service/config'
import { redactor } from '@code-agent/service/redact'
import { openStore } from '@code-agent/store/store'
import { GatewaySettings } from '../settings.ts'
import type { RunPagePorts } from './run-page-routes.ts'

/** Pages wait for each other before they take anything from the webhook: their connections are few, and their own. */
const connections = 2
const statementMs = 5_000

/** What the run page works with; undefined when the settings let nobody in. */
export function openRunPage(
  settings: GatewaySettings,
): { ports: Omit<RunPagePorts, 'log'>; close(): Promise<void> } | undefined {
  const { LINK_KEY: key, LINK_KEY_PREVIOUS: former, OPS_USERNAME: username, OPS_PASSWORD: password } = settings
  const linkKeys = [key, former].filter(one => one !== undefined)
  const operator = username === undefined || password === undefined ? undefined : { username, password }
  if (linkKeys.length === 0 && !operator) return undefined
  const store = openStore({
    url: settings.DATABASE_URL,
    dataKeys: [settings.DATA_KEY, settings.DATA_KEY_PREVIOUS].filter(one => one !== undefined),
    applicationName: 'gateway run page',
    max: connections,
    statementMs,
  })
  return {
    ports: {
      store,
      keys: { linkKeys, operator },
      publicUrl: settings.PUBLIC_URL,
      redact: redactor(secretsOf(GatewaySettings, settings)),
      pullRequestUrl: linksAt(settings.AZURE_DEVOPS_URL).pullRequest,
    },
    close: () => store.close(),
  }
}
