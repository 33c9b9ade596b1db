import type { RunState, Strategy } from '@code-agent/jobs/run'
import { type RawBuilder, sql } from 'kysely'
import { Admission } from './admission.ts'
import { cleanUpDue } from './clean-ups.ts'
import type { Database } from './database.ts'
import { jsonb, storable } from './json.ts'
import { endingChannel, notifyDue } from './notify.ts'
import type { EndingCause } from './schema.ts'

/** The state machine: who leads where. Whatever is not here does not happen, and `ended` is left by nobody. */
export const allowed = {
  planned: { from: ['accepted'], to: 'ready' },
  refuse: { from: ['accepted'], to: 'ending' },
  failAdmission: { from: ['accepted'], to: 'ending' },
  cancel: { from: ['accepted', 'ready', 'running'], to: 'ending' },
  conclude: { from: ['running', 'ending'], to: 'ending' },
  ended: { from: ['ending'], to: 'ended' },
} as const satisfies Record<string, { from: RunState[]; to: RunState }>

/** A flow speaks for a run only while this is its generation. */
export type Flow = { runId: string; generation: number }

export type Planned = {
  /** At least as many as the run has variants; more make it have more. */
  strategies: Strategy[]
  /** What the project's settings say instead of the installation's. */
  project?: Partial<Pick<Admission, 'draftTarget' | 'ciMarker'>>
}

export type Transitions = {
  /** Stores what admission pinned, once. @returns what is stored, now or by an earlier try; undefined if the run moved on */
  admit(of: Flow & { admission: Admission }): Promise<Admission | undefined>
  /** accepted → ready, due at once. Every verb returns false when the run moved on and nothing was written. */
  planned(of: Flow & Planned): Promise<boolean>
  /** accepted → ending(refused): the reason is for the one who asked. */
  refuse(of: Flow & { reason: string }): Promise<boolean>
  /** accepted → ending(failed) */
  failAdmission(of: Flow & { reason: string }): Promise<boolean>
  /**
   * accepted | ready | running → ending; the closing flow decides the outcome. What works for the run is told to stop.
   * @param of generation only if it shall be this flow and no later one; `by` is an identity's id, never a name
   */
  cancel(of: {
    runId: string
    generation?: number
    by: string
    cause: 'cancelled' | 'deadline' | 'stuck'
    reason: string
  }): Promise<boolean>
  /** ending → ended. `undeliverable` says why nobody could be told. What no closing flow decided is decided here, by the same rule. */
  ended(of: Flow & { undeliverable?: string }): Promise<boolean>
}

export function transitionsPart(db: Database): Transitions {
  return {
    admit: of => admit(db, of),
    planned: of => planned(db, of),
    refuse: of => leaveAdmission(db, 'refuse', { ...of, outcome: 'refused' }),
    failAdmission: of => leaveAdmission(db, 'failAdmission', { ...of, outcome: 'failed' }),
    cancel: of =>
      move(db, 'cancel', of, {
        set: sql`ending_cause = ${of.cause}, reason = ${storable(of.reason)}, ${dueAnew}`,
        data: { by: of.by, cause: of.cause },
        tell: sql`${notifyDue}, pg_notify(${endingChannel}, id::text)`,
      }),
    ended: of =>
      move(db, 'ended', of, {
        set: sql`outcome = coalesce(outcome, ${outcomeByItself}), reason = coalesce(reason, ${of.undeliverable ?? null}),
          ended_at = now(), deadline = NULL, dispatched_at = NULL`,
        also: sql`closed AS (
          UPDATE variants SET outcome = CASE moved.outcome WHEN 'cancelled' THEN 'cancelled' ELSE 'failed' END,
            reason = moved.reason, reason_class = moved.ending_cause, ended_at = now()
          FROM moved WHERE variants.run_id = moved.id AND variants.outcome IS NULL),
          ${cleanUpDue},`,
        data: of.undeliverable === undefined ? {} : { undeliverable: of.undeliverable },
        tell: notifyDue,
      }),
  }
}

/** Into the hands of the dispatcher, under a generation that no running flow has. */
const dueAnew = sql`generation = generation + 1, dispatched_at = NULL, dispatches_in_state = 0, deadline = NULL`

/** As conclude-run decides it. */
const outcomeByItself = sql`CASE WHEN ending_cause = 'cancelled' THEN 'cancelled'
  WHEN EXISTS (SELECT FROM variants WHERE run_id = runs.id AND variants.outcome = 'done') THEN 'done' ELSE 'failed' END`

type Move = {
  set: RawBuilder<unknown>
  also?: RawBuilder<unknown>
  data: Record<string, unknown>
  tell: RawBuilder<unknown>
}

async function move(
  db: Database,
  verb: keyof typeof allowed,
  of: { runId: string; generation?: number },
  { set, also = sql``, data, tell }: Move,
): Promise<boolean> {
  const { rows } = await sql`
    WITH moved AS (
      UPDATE runs SET state = ${allowed[verb].to}, ${set} WHERE ${stands(verb, of)} RETURNING id, generation, state, outcome, reason, ending_cause),
    ${also}
    noted AS (INSERT INTO events (run_id, kind, data)
      SELECT id, ${verb}, ${jsonb(data)} || jsonb_build_object('generation', generation, 'state', state) FROM moved)
    SELECT id, ${tell} FROM moved`.execute(db)
  return rows.length > 0
}

/** The condition that every write to a run carries. */
export function stands(verb: keyof typeof allowed, of: { runId: string; generation?: number }) {
  const generation = of.generation === undefined ? sql`` : sql`AND generation = ${of.generation}`
  return sql`id = ${of.runId} AND state = ANY(${allowed[verb].from}::text[]) ${generation}`
}

async function admit(db: Database, of: Flow & { admission: Admission }): Promise<Admission | undefined> {
  const { rows } = await sql<{ admission: Admission }>`
    WITH before AS (SELECT id, admission FROM runs
      WHERE id = ${of.runId} AND state = 'accepted' AND generation = ${of.generation} FOR UPDATE),
    moved AS (
      UPDATE runs SET admission = ${jsonb(Admission.parse(of.admission))} FROM before
      WHERE runs.id = before.id AND before.admission IS NULL RETURNING runs.id, runs.admission),
    noted AS (INSERT INTO events (run_id, kind, data)
      SELECT id, 'admit', jsonb_build_object('generation', ${of.generation}::int, 'baseCommit', admission -> 'baseCommit')
      FROM moved)
    SELECT coalesce(moved.admission, before.admission) AS admission FROM before LEFT JOIN moved USING (id)`.execute(db)
  return rows[0]?.admission
}

async function planned(db: Database, of: Flow & Planned): Promise<boolean> {
  const { rows } = await sql`
    WITH moved AS (
      UPDATE runs SET state = ${allowed.planned.to}, dispatched_at = NULL, dispatches_in_state = 0, deadline = NULL,
        variant_count = ${of.strategies.length}, admission = admission || ${jsonb(of.project ?? {})}
      WHERE ${stands('planned', of)} AND admission IS NOT NULL AND variant_count <= ${of.strategies.length}
      RETURNING id, generation),
    given AS (
      INSERT INTO variants (run_id, index, strategy)
      SELECT moved.id, strategies.place, strategies.value FROM moved,
        jsonb_array_elements(${jsonb(of.strategies)}) WITH ORDINALITY AS strategies (value, place)
      ON CONFLICT (run_id, index) DO UPDATE SET strategy = excluded.strategy),
    noted AS (INSERT INTO events (run_id, kind, data)
      SELECT id, 'planned', jsonb_build_object('generation', generation, 'state', 'ready') FROM moved)
    SELECT id, ${notifyDue} FROM moved`.execute(db)
  return rows.length > 0
}

/** Variants that never began end with their run, so that nobody waits for them. */
async function leaveAdmission(
  db: Database,
  verb: 'refuse' | 'failAdmission',
  of: Flow & { reason: string; outcome: 'refused' | 'failed' },
): Promise<boolean> {
  const cause: EndingCause = of.outcome
  return await move(db, verb, of, {
    set: sql`outcome = ${of.outcome}, reason = ${storable(of.reason)}, ending_cause = ${cause}, ${dueAnew}`,
    data: {},
    tell: notifyDue,
  })
}
