import { randomUUID } from 'node:crypto'
import type { RunState } from '@code-agent/jobs/run'
import { type RawBuilder, sql } from 'kysely'
import { interval, localTime, msUntil } from './clock.ts'
import type { CrashPoint } from './crash-places.ts'
import type { Database } from './database.ts'
import { type JsonValue, jsonb } from './json.ts'

export type Scope = { runId: string } | { taskId: string }

/** Which effect: unique by run or task, variant (0 or absent: the whole run's), kind and number (1 if absent). */
export type EffectKey = { scope: Scope; variant?: number; kind: string; number?: number }

export type ClaimRequest = EffectKey & {
  generation: number
  /** work: the states this flow serves, this generation, before the deadline. report: this generation alone. A task knows only its generation. */
  guard: 'work' | 'report'
  /** For the work guard; accepted and running if not given. */
  states?: RunState[]
  /** Unique per attempt, not per job: a job that stalled runs twice at once. */
  holder: string
  leaseMs: number
  /** Credentials and models this needs: none may be closed. */
  gates: string[]
}

/** All times on this process's clock. */
export type Claim =
  /** `again`: an earlier lease ended without a word, so it may have happened: look outside first. */
  | { state: 'granted'; again: boolean }
  | { state: 'done'; reference: JsonValue }
  | { state: 'held'; until: Date }
  | { state: 'gated'; gate: string; until: Date }
  | { state: 'superseded'; because: string }

export type Settled =
  | { state: 'done'; mine: true }
  /** Somebody took the lease over and finished: theirs counts. */
  | { state: 'done'; mine: false; reference: JsonValue }
  /** Somebody took the lease over and is at it. */
  | { state: 'lost'; until: Date }

export type Held = EffectKey & { holder: string }

export type AroundEffect = <T>(
  effect: EffectKey,
  work: (tell: (claim: { state: Claim['state']; again?: boolean }) => void) => Promise<T>,
) => Promise<T>

export type Claims = {
  /** How long effects made with these claims are leased, if not for 40 s. */
  leaseMs?: number
  /** For trials of recovery: told before and after each part of an effect. */
  crash?: CrashPoint
  /** Does an effect within what its trace says of it; `tell` takes what became of the claim. */
  aroundEffect?: AroundEffect
  claim(request: ClaimRequest): Promise<Claim>
  /** Done, whatever the run's generation meanwhile: it happened. */
  settle(of: Held & { reference: JsonValue }): Promise<Settled>
  /** @returns false once the lease is somebody else's, or ran out and was settled or released */
  renew(of: Held & { leaseMs: number }): Promise<boolean>
  /** Gives the claim back. `certain` that nothing happened: the next one need not look outside. Otherwise it must, but at once. */
  release(of: Held & { certain: boolean }): Promise<void>
}

export function claimPart(db: Database): Claims {
  return {
    claim: request => claim(db, request),
    settle: of => settle(db, of),
    renew: async of => {
      const result = await sql`UPDATE effects SET lease_until = clock_timestamp() + ${interval(of.leaseMs)},
        touched_at = clock_timestamp() WHERE ${heldBy(of)}`.execute(db)
      return result.numAffectedRows === 1n
    },
    release: async of => {
      const free = of.certain ? sql`state = 'free', lease_until = NULL` : sql`lease_until = clock_timestamp()`
      await sql`UPDATE effects SET ${free}, touched_at = clock_timestamp() WHERE ${heldBy(of)}`.execute(db)
    },
  }
}

type Answer = {
  because: string | null
  reference: JsonValue
  was_done: boolean
  gate: string | null
  gate_ms: number | null
  state: 'free' | 'acting' | 'done' | null
  mine: boolean | null
  uncertain: boolean | null
  lease_ms: number | null
  held_ms: number | null
}

async function claim(db: Database, request: ClaimRequest): Promise<Claim> {
  const claimId = randomUUID()
  const { owner, id } = ownerOf(request.scope)
  const { rows } = await sql<Answer>`
    WITH ${guardOf(request)},
    closed AS (
      SELECT name, ${msUntil('until')} AS ms FROM gates
      WHERE name = ANY(${request.gates}::text[]) AND until > clock_timestamp() ORDER BY until DESC LIMIT 1),
    known AS (SELECT state, reference, lease_until FROM effects WHERE ${effect(request)}),
    taken AS (
      INSERT INTO effects (owner, owner_id, variant, kind, number, state, guard, claim_id, holder, lease_until, touched_at)
      SELECT ${owner}, ${id}::uuid, ${request.variant ?? 0}::int, ${request.kind}, ${request.number ?? 1}::int, 'acting',
        ${request.guard}, ${claimId}::uuid, ${request.holder}, clock_timestamp() + ${interval(request.leaseMs)}, clock_timestamp()
      FROM guard WHERE guard.because IS NULL AND NOT EXISTS (SELECT FROM closed)
        AND NOT EXISTS (SELECT FROM known WHERE state = 'done')
      ON CONFLICT (owner_id, variant, kind, number) DO UPDATE SET ${takeOver}
      RETURNING state, claim_id = ${claimId}::uuid AS mine, uncertain, reference, ${msUntil('lease_until')} AS lease_ms)
    SELECT guard.because, closed.name AS gate, closed.ms AS gate_ms,
      coalesce(taken.reference, known.reference) AS reference,
      coalesce(taken.state = 'done', known.state = 'done', false) AS was_done,
      taken.state, taken.mine, taken.uncertain, taken.lease_ms,
      CASE WHEN known.state = 'acting' THEN ${msUntil('known.lease_until')} END AS held_ms
    FROM guard LEFT JOIN closed ON true LEFT JOIN known ON true LEFT JOIN taken ON true`.execute(db)
  return readAnswer(rows[0])
}

/**
 * Written on every conflict, so that RETURNING always shows the row as it stands now: a snapshot older than
 * the other's insert would show nothing at all.
 */
const takeOver = (() => {
  const mayTake = sql`(effects.state = 'free' OR (effects.state = 'acting' AND effects.lease_until <= clock_timestamp()))`
  const columns = ['state', 'guard', 'claim_id', 'holder', 'lease_until', 'touched_at']
  const taken = columns.map(
    name =>
      sql`${sql.ref(name)} = CASE WHEN ${mayTake} THEN ${sql.ref(`excluded.${name}`)} ELSE ${sql.ref(`effects.${name}`)} END`,
  )
  return sql`${sql.join(taken)}, claims = effects.claims + CASE WHEN ${mayTake} THEN 1 ELSE 0 END,
    uncertain = effects.uncertain OR (effects.state = 'acting' AND ${mayTake})`
})()

function readAnswer(answer: Answer | undefined): Claim {
  if (answer === undefined) throw new Error('a claim was not answered')
  if (answer.because !== null) return { state: 'superseded', because: answer.because }
  if (answer.was_done) return { state: 'done', reference: answer.reference }
  if (answer.mine) return { state: 'granted', again: answer.uncertain ?? false }
  // Whoever holds it while the gate is closed is waited for first: the gate may open in between.
  const heldMs = answer.lease_ms ?? answer.held_ms
  if (heldMs !== null && heldMs > 0) return { state: 'held', until: localTime(heldMs) }
  if (answer.gate !== null) return { state: 'gated', gate: answer.gate, until: localTime(answer.gate_ms ?? 0) }
  return { state: 'held', until: localTime(0) }
}

/** One row: `because` is null if the effect may be made. FOR SHARE waits out a transition that is under way and sees what it left. */
function guardOf(request: ClaimRequest): RawBuilder<unknown> {
  if ('taskId' in request.scope) {
    return sql`
      subject AS MATERIALIZED (SELECT state, generation FROM tasks WHERE id = ${request.scope.taskId} FOR SHARE),
      guard AS (SELECT CASE
        WHEN subject.state IS NULL THEN 'the task is not known'
        WHEN generation <> ${request.generation} THEN format('generation %s follows %s', generation, ${request.generation}::int)
        WHEN state <> 'open' THEN 'the task is ' || state
        END AS because FROM (SELECT 1) one LEFT JOIN subject ON true)`
  }
  const states = request.states ?? ['accepted', 'running']
  const working = sql`
        WHEN NOT (state = ANY(${states}::text[])) THEN 'the run is ' || state
        WHEN deadline <= clock_timestamp() THEN 'the deadline has passed'`
  return sql`
      subject AS MATERIALIZED (SELECT state, generation, deadline FROM runs WHERE id = ${request.scope.runId} FOR SHARE),
      guard AS (SELECT CASE
        WHEN subject.state IS NULL THEN 'the run is not known'
        WHEN generation <> ${request.generation} THEN format('generation %s follows %s', generation, ${request.generation}::int)
        ${request.guard === 'work' ? working : sql``}
        END AS because FROM (SELECT 1) one LEFT JOIN subject ON true)`
}

async function settle(db: Database, of: Held & { reference: JsonValue }): Promise<Settled> {
  const { rows } =
    await sql`UPDATE effects SET state = 'done', reference = ${jsonb(of.reference)}, touched_at = clock_timestamp()
    WHERE ${heldBy(of)} RETURNING kind`.execute(db)
  if (rows.length > 0) return { state: 'done', mine: true }
  const found = await sql<{ state: string; reference: JsonValue; holder: string; lease_ms: number | null }>`
    SELECT state, reference, holder, ${msUntil('lease_until')} AS lease_ms FROM effects WHERE ${effect(of)}`.execute(db)
  const now = found.rows[0]
  if (now?.state === 'done' && now.holder === of.holder) return { state: 'done', mine: true }
  if (now?.state === 'done') return { state: 'done', mine: false, reference: now.reference }
  return { state: 'lost', until: localTime(now?.lease_ms ?? 0) }
}

function effect(of: EffectKey) {
  return sql`owner_id = ${ownerOf(of.scope).id} AND variant = ${of.variant ?? 0} AND kind = ${of.kind} AND number = ${of.number ?? 1}`
}

/** The lease may have run out: as long as nobody took it over, the holder is still the one who acts. */
function heldBy(of: Held) {
  return sql`${effect(of)} AND holder = ${of.holder} AND state = 'acting'`
}

export function ownerOf(scope: Scope): { owner: 'run' | 'task'; id: string } {
  return 'runId' in scope ? { owner: 'run', id: scope.runId } : { owner: 'task', id: scope.taskId }
}
