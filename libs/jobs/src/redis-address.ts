import { z } from 'zod'

/** Where Redis is: one server by its URL, or whichever server the Sentinels name as primary. The shape is ioredis'. */
type RedisAddress =
  | { url: string }
  | {
      sentinels: { host: string; port: number }[]
      /** Which of the primaries that the Sentinels watch. */
      name: string
      username?: string
      password?: string
      db?: number
      sentinelUsername?: string
      sentinelPassword?: string
      tls?: object
      sentinelTLS?: object
      enableTLSForSentinelMode?: boolean
    }

const sentinelPort = 26_379
// Several hosts are no URL, so it is taken apart here.
const sentinelForm =
  /^(rediss?)\+sentinel:\/\/(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?(?<hosts>[^/?@]+)\/(?<name>[^/?]+)(?:\/(?<db>\d+))?(?:\?(?<query>.*))?$/
const hostForm = /^(?<host>\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::(?<port>\d{1,5}))?$/i
const queryNames = ['sentinelUsername', 'sentinelPassword']

/** `redis://` and `rediss://` lead to one server, `redis+sentinel://` and `rediss+sentinel://` to those that know it. */
export const RedisUrl = z.string().superRefine((url, context) => {
  const problem = problemOf(url)
  if (problem !== undefined) context.addIssue(problem)
})

/** @throws Error saying what is wrong; never with the URL in it, which may hold a password */
export function redisAddress(url: string): RedisAddress {
  const problem = problemOf(url)
  if (problem !== undefined) throw new Error(`REDIS_URL: ${problem}`)
  const parts = sentinelForm.exec(url)?.groups
  if (!parts) return { url }
  const { user, password, db, hosts = '', name = '' } = parts
  const query = new URLSearchParams(parts.query)
  const [sentinelUsername, sentinelPassword] = queryNames.map(key => query.get(key) ?? undefined)
  return {
    sentinels: hosts.split(',').map(hostOf),
    name: decodeURIComponent(name),
    ...(user ? { username: decodeURIComponent(user) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    ...(db === undefined ? {} : { db: Number(db) }),
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    // Both the Sentinels and the servers they name speak TLS, or neither.
    ...(url.startsWith('rediss') ? { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
  }
}

/** Passwords in it, as written and as meant: none of them may be logged. */
export function redisPasswords(url: string): string[] {
  const parts = sentinelForm.exec(url)?.groups
  if (!parts || problemOf(url) !== undefined) return []
  const ofSentinels = new URLSearchParams(parts.query).get('sentinelPassword')
  const written = [parts.password, ofSentinels, ofSentinels && encodeURIComponent(ofSentinels)]
  return written.flatMap(password => (password ? [password, decodeURIComponent(password)] : []))
}

function problemOf(url: string): string | undefined {
  if (!/^rediss?(\+sentinel)?:\/\//.test(url)) {
    return 'expected a URL that begins with redis://, rediss://, redis+sentinel:// or rediss+sentinel://'
  }
  if (!url.includes('+sentinel:')) return URL.canParse(url) ? undefined : 'expected redis://[user:password@]host[:port]'
  const parts = sentinelForm.exec(url)?.groups
  const form = 'redis+sentinel://[user:password@]host:port,host:port,…/name'
  if (!parts) return `expected ${form}, where name is that of the primary as the Sentinels know it`
  const host = (parts.hosts ?? '').split(',').find(one => !isHost(one))
  if (host !== undefined) return `${JSON.stringify(host)} is no Sentinel’s host:port in ${form}`
  const unknown = [...new URLSearchParams(parts.query).keys()].find(key => !queryNames.includes(key))
  if (unknown !== undefined) return `after the question mark only ${queryNames.join(' and ')} are known`
  const encoded = [parts.user, parts.password, parts.name].find(part => part !== undefined && !isEncoded(part))
  return encoded === undefined ? undefined : 'a percent sign in user, password or name is written %25'
}

function isHost(text: string): boolean {
  const parts = hostForm.exec(text)?.groups
  return parts !== undefined && Number(parts.port ?? sentinelPort) <= 65_535 && Number(parts.port ?? sentinelPort) > 0
}

function hostOf(text: string): { host: string; port: number } {
  const parts = hostForm.exec(text)?.groups
  return { host: (parts?.host ?? '').replace(/^\[|\]$/g, ''), port: Number(parts?.port ?? sentinelPort) }
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
