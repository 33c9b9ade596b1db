export const limitScopes = ['user', 'pull-request', 'repository', 'organisation'] as const
export const limitedThings = ['runs-per-hour', 'runs', 'variants', 'tokens', 'usd'] as const

/** The most of something that a scope may have; a day is UTC's. `variants` are those in work at once. */
export type Limit = { scope: (typeof limitScopes)[number]; of: (typeof limitedThings)[number]; most: number }

/** A limit that is reached, and when it renews; absent for what ends by itself. */
export type LimitReached = { limit: Limit; renewsAt?: Date }

/**
 * Reads `user:runs=50, user:usd=5, repository:tokens=2000000`.
 * @throws Error naming the part that is wrong
 */
export function readLimits(setting: string): Limit[] {
  return setting
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
    .map(part => {
      const [, scopeName, thingName, number] = /^([a-z-]+):([a-z-]+)=(\d+(?:\.\d+)?)$/.exec(part) ?? []
      const scope = limitScopes.find(one => one === scopeName)
      const of = limitedThings.find(one => one === thingName)
      if (scope === undefined || of === undefined || number === undefined)
        throw new Error(
          `“${part}” is no limit: expected one of ${limitScopes.join(', ')}, a colon, one of ${limitedThings.join(', ')}, = and a number`,
        )
      return { scope, of, most: Number(number) }
    })
}

const whose = {
  user: 'You have',
  'pull-request': 'You have, on this pull request,',
  repository: 'This repository has',
  organisation: 'This organisation has',
} as const

/** For the one who asked: which limit, and when it renews. */
export function limitSentence({ limit, renewsAt }: LimitReached): string {
  const most = limit.most.toLocaleString('en-US')
  const what = {
    'runs-per-hour': `asked for ${most} edits this hour, the most allowed`,
    runs: `asked for ${most} edits today, the most allowed`,
    variants: `${most} drafts in work at once, the most allowed`,
    tokens: `used up, or has in use, the ${most} tokens of today`,
    usd: `used up, or has in use, the $${most} of today`,
  }[limit.of]
  const when =
    renewsAt === undefined
      ? 'Ask again when one of them has ended.'
      : `The limit renews at ${renewsAt.toISOString().slice(0, 16).replace('T', ' ')} UTC.`
  return `${whose[limit.scope]} ${what}. ${when} Whoever operates this service sets the limits.`
}
