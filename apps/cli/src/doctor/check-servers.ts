import { defaultPrefix } from '@code-agent/jobs/steps'
import { inspectRedis, type RedisFacts } from '@code-agent/queue/inspect'
import { inspectDatabase } from '@code-agent/store/inspect-database'
import { type Check, fail, ok, reasonOf, unset, warn } from './check.ts'
import type { DoctorSettings } from './doctor-settings.ts'

/** Round trips longer than this show in every step. */
const slowMs = 25
const skewMs = 5_000

export async function checkRedis({ REDIS_URL: url, QUEUE_PREFIX: prefix }: DoctorSettings): Promise<Check[]> {
  if (url === undefined) return [unset('redis', 'REDIS_URL', 'such as rediss://:password@redis.internal:6380')]
  try {
    const facts = await inspectRedis({ redisUrl: url, prefix: prefix ?? defaultPrefix })
    const [other, ...more] = facts.otherPrefixes
    const elsewhere = prefix === undefined && isIdle(facts) && more.length === 0 ? other : undefined
    if (elsewhere === undefined) return [...redisServer(facts), ...workers(facts)]
    const told = warn(
      'queue prefix',
      `QUEUE_PREFIX is not set here, and the processes use ${elsewhere}`,
      `Set QUEUE_PREFIX=${elsewhere} here, or in none of them.`,
    )
    return [...redisServer(facts), told, ...workers(await inspectRedis({ redisUrl: url, prefix: elsewhere }))]
  } catch (error) {
    return [fail('redis', reasonOf(error), 'Check REDIS_URL: host, port, password, and rediss:// where it speaks TLS.')]
  }
}

function redisServer({ version, role, appendOnly, evictionPolicy, pingMs }: RedisFacts): Check[] {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return [
    major > 6 || (major === 6 && minor >= 2)
      ? ok('redis version', version)
      : fail('redis version', version, 'Redis 6.2 or later is needed.'),
    role === 'master'
      ? ok('redis role', 'it is a primary')
      : fail('redis role', `it is a ${role}, which takes no writes`, 'Point REDIS_URL at the primary.'),
    evictionPolicy === 'noeviction'
      ? ok('redis eviction', 'noeviction')
      : fail(
          'redis eviction',
          `${evictionPolicy || 'unknown'}: it would throw jobs away when it is full`,
          'Set maxmemory-policy noeviction.',
        ),
    appendOnly
      ? ok('redis durability', 'append-only file')
      : warn(
          'redis durability',
          'no append-only file: a restart loses the queues, and runs begin again from Postgres',
          'Set appendonly yes.',
        ),
    latency('redis latency', pingMs),
  ]
}

function isIdle({ workers: counts }: RedisFacts): boolean {
  return counts !== undefined && Object.values(counts).every(count => count === 0)
}

function workers({ workers: counts, otherPrefixes }: RedisFacts): Check[] {
  if (counts === undefined)
    return [
      warn('workers', 'this Redis does not say who is connected', 'Use --health with the addresses of the processes.'),
    ]
  const elsewhere = otherPrefixes.length > 0 ? `; workers are here under the prefix ${otherPrefixes.join(', ')}` : ''
  const apps = { ado: 'worker-ado', llm: 'worker-llm', flow: 'flow-supervisor' }
  return (['ado', 'llm', 'flow'] as const).map(queue => {
    const name = `workers of ${queue}`
    return counts[queue] > 0
      ? ok(name, `${counts[queue]} connected`)
      : fail(
          name,
          `nobody takes its jobs${elsewhere}`,
          `Start ${apps[queue]}; with the same REDIS_URL and QUEUE_PREFIX.`,
        )
  })
}

export async function checkPostgres({ DATABASE_URL: url }: DoctorSettings): Promise<Check[]> {
  if (url === undefined)
    return [unset('postgres', 'DATABASE_URL', 'such as postgres://user:password@db.internal:5432/code_agent')]
  try {
    const facts = await inspectDatabase({ url })
    return [
      facts.major >= 14
        ? ok('postgres version', facts.version)
        : fail('postgres version', facts.version, 'Postgres 14 or later is needed.'),
      facts.readOnly
        ? fail('postgres role', 'it only reads', 'Point DATABASE_URL at the primary.')
        : ok('postgres role', `it writes, ${facts.maxConnections} connections at most`),
      facts.pending.length === 0
        ? ok('postgres schema', 'up to date')
        : fail('postgres schema', `to be migrated: ${facts.pending.join(', ')}`, 'npm run migrate'),
      facts.missingPrivileges.length === 0
        ? ok('postgres privileges', 'as needed')
        : fail(
            'postgres privileges',
            `this user lacks ${facts.missingPrivileges.join(', ')}`,
            'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public to it.',
          ),
      latency('postgres latency', facts.pingMs),
      clock('clock of postgres', facts.clockAheadMs),
    ]
  } catch (error) {
    return [fail('postgres', reasonOf(error), 'Check DATABASE_URL: host, port, user, password, database, and sslmode.')]
  }
}

/** Deadlines and leases are the database's time; only people are misled by a wrong clock, and signatures refused. */
export function clock(name: string, aheadMs: number): Check {
  const seconds = `${Math.abs(aheadMs / 1_000).toFixed(1)} s`
  if (Math.abs(aheadMs) <= skewMs) return ok(name, `within ${seconds} of ours`)
  return warn(name, `${seconds} ${aheadMs > 0 ? 'ahead of' : 'behind'} ours`, 'Let both keep time by NTP.')
}

function latency(name: string, ms: number): Check {
  return ms <= slowMs
    ? ok(name, `${ms} ms`)
    : warn(
        name,
        `${ms} ms a round trip`,
        'Keep it in the same region as the processes; from here it may only be far away.',
      )
}
