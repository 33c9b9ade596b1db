import type { AzureDevOps } from '@code-agent/ado/port'
import type { Log } from '@code-agent/service/log'
import type { Settings } from '@code-agent/store/settings'

const tryAgainMs = 5_000

/** Writes down who the bot is, so that the gateway, which holds no credential, knows the bot's own comments. */
export function introduceBot(of: { store: Settings; ado: AzureDevOps; organisation: string; log: Log }): {
  stop(): void
} {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const introduce = async () => {
    const { id, displayName } = await of.ado.whoAmI()
    await of.store.saveIdentity({ organisation: of.organisation, id, displayName })
    of.log.info({ organisation: of.organisation, identity: id }, 'known to Azure DevOps')
  }
  const attempt = () => {
    introduce().catch(error => {
      of.log.error({ err: error }, 'Azure DevOps does not know this credential; will ask again')
      if (!stopped) timer = setTimeout(attempt, tryAgainMs)
    })
  }
  attempt()
  return {
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
