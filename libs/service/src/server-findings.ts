/** One setting of a server that is not as it must be. Who runs the service reads it: what was found, and what to do. */
export type Finding = { setting: string; found: string; remedy: string; severity: 'refuse' | 'warn' }

type RedisFacts = { version: string; role: string; appendOnly: boolean; evictionPolicy: string; forbidden: string[] }

type DatabaseFacts = {
  version: string
  major: number
  readOnly: boolean
  clockAheadMs: number
  pending: string[]
  missingPrivileges: string[]
}

const leastPostgres = 14
const leastRedis = [6, 2] as const

/** Deadlines, leases and gates go by the database's clock, so ours may be wrong by this without harm; logs and tokens are not. */
const worstClockMs = 30_000

/** Redis may lose all it has at any moment and no run is lost; what it must not do is lose a part of it in silence. */
export function redisFindings(facts: RedisFacts): Finding[] {
  const findings: Finding[] = []
  if (!isRecent(facts.version)) {
    const remedy = `Use Redis ${leastRedis.join('.')} or later.`
    findings.push({ setting: 'Redis version', found: facts.version, remedy, severity: 'refuse' })
  }
  if (facts.evictionPolicy !== '' && facts.evictionPolicy !== 'noeviction') {
    const remedy = 'Set it to noeviction: any other drops jobs in the middle of a flow when memory runs out.'
    findings.push({ setting: 'maxmemory-policy', found: facts.evictionPolicy, remedy, severity: 'refuse' })
  }
  if (facts.forbidden.length > 0) {
    const found = `may not ${facts.forbidden.join(', ')}`
    const remedy =
      'Give the user of REDIS_URL +@all -@dangerous +info +client on the keys that begin with QUEUE_PREFIX.'
    findings.push({ setting: 'rights in Redis', found, remedy, severity: 'refuse' })
  }
  if (!facts.appendOnly) {
    const remedy =
      'Set appendonly to yes: without it a restart of Redis makes every run wait half a minute to be begun anew.'
    findings.push({ setting: 'appendonly', found: 'no', remedy, severity: 'warn' })
  }
  if (facts.role !== '' && facts.role !== 'master') {
    const remedy = 'Let REDIS_URL lead to the primary: a replica takes no jobs.'
    findings.push({ setting: 'role', found: facts.role, remedy, severity: 'warn' })
  }
  return findings
}

/** Azure DevOps may answer after 30 s, and an effect has 5 s less than its lease. */
const leastLeaseSeconds = 36
/** What a process holds goes on elsewhere after at most the sum of both; docs/reliability.md promises 20 s. */
const mostLockSeconds = 45
const leastLockSeconds = 5

/** Times that work, and do harm. */
export function timeFindings(times: {
  EFFECT_LEASE_SECONDS: number
  LOCK_SECONDS: number
  STALLED_SECONDS: number
}): Finding[] {
  const findings: Finding[] = []
  const warn = (setting: string, seconds: number, remedy: string) =>
    findings.push({ setting, found: `${seconds} s`, remedy, severity: 'warn' })
  if (times.EFFECT_LEASE_SECONDS < leastLeaseSeconds) {
    warn(
      'EFFECT_LEASE_SECONDS',
      times.EFFECT_LEASE_SECONDS,
      'Leave it at 40: what lands after its lease may be made twice.',
    )
  }
  if (times.LOCK_SECONDS < leastLockSeconds) {
    warn(
      'LOCK_SECONDS',
      times.LOCK_SECONDS,
      'Leave it at 15: a process that is merely busy loses its jobs to another one.',
    )
  }
  if (times.LOCK_SECONDS + times.STALLED_SECONDS > mostLockSeconds) {
    const seconds = times.LOCK_SECONDS + times.STALLED_SECONDS
    warn(
      'LOCK_SECONDS + STALLED_SECONDS',
      seconds,
      'Leave them at 15 and 5: so long nobody goes on with what a dead process held.',
    )
  }
  return findings
}

/** Postgres holds all that was promised: what does not fit there stops a process before it promises anything. */
export function databaseFindings(facts: DatabaseFacts): Finding[] {
  const findings: Finding[] = []
  if (facts.major < leastPostgres) {
    const remedy = `Use Postgres ${leastPostgres} or later.`
    findings.push({ setting: 'Postgres version', found: facts.version, remedy, severity: 'refuse' })
  }
  if (facts.pending.length > 0) {
    const remedy = 'Run `npm run migrate` with this version of the program, then start again.'
    const found = `not made: ${facts.pending.join(', ')}`
    findings.push({ setting: 'migrations', found, remedy, severity: 'refuse' })
  }
  if (facts.missingPrivileges.length > 0) {
    const found = `lacks ${facts.missingPrivileges.slice(0, 5).join('; ')}`
    const remedy = 'Grant them to the user of DATABASE_URL, or migrate as the user the service runs as.'
    findings.push({ setting: 'privileges', found, remedy, severity: 'refuse' })
  }
  if (facts.readOnly) {
    const remedy = 'Let DATABASE_URL lead to the primary: nothing can be accepted on a replica.'
    findings.push({ setting: 'read-only', found: 'a server that only reads', remedy, severity: 'warn' })
  }
  if (Math.abs(facts.clockAheadMs) > worstClockMs) {
    const found = `${Math.round(facts.clockAheadMs / 1_000)} s ahead of this machine`
    const remedy = 'Keep the clocks of both machines by NTP: tokens and webhook signatures go by this machine’s.'
    findings.push({ setting: 'clock of Postgres', found, remedy, severity: 'warn' })
  }
  return findings
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > leastRedis[0] || (major === leastRedis[0] && minor >= leastRedis[1])
}
