import type { Settings } from '@code-agent/store/settings'

/** A bot's id changes when somebody gives it another account: rarely, and then worker-ado is started anew. */
const rememberedMs = 60_000

/** The bot's id in an organisation, asked for once a minute; undefined until worker-ado has introduced it. */
export function ownIdentity(store: Pick<Settings, 'identity'>): (organisation: string) => Promise<string | undefined> {
  const remembered = new Map<string, { id: string; until: number }>()
  return async organisation => {
    const known = remembered.get(organisation)
    if (known && known.until > Date.now()) return known.id
    const identity = await store.identity(organisation)
    if (identity) remembered.set(organisation, { id: identity.id, until: Date.now() + rememberedMs })
    return identity?.id
  }
}
