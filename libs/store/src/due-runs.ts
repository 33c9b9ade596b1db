import type { RunOutcome, RunState } from '@code-agent/jobs/run'
import { sql } from 'kysely'
import type { Database } from './database.ts'

export type DueRun = {
  id: string
  generation: number
  state: RunState
  outcome: RunOutcome | null
  /** Of what is dispatched for the first time: since it was accepted. */
  waitedMs?: number | null
  /** Of what accepted it, and of the dispatch before this one. */
  trace_context: string | null
  dispatch_context: string | null
}

/** Runs that hold their place already: ending ones, and running ones that lost their flow. No window holds them back. */
export async function dueRuns(tx: Database, limit: number): Promise<DueRun[]> {
  const { rows } = await sql<DueRun>`
    WITH picked AS (
      SELECT id FROM runs WHERE dispatched_at IS NULL AND state IN ('ending', 'running')
      ORDER BY state <> 'ending', created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED),
    moved AS (
      UPDATE runs SET generation = generation + 1, dispatched_at = now(), dispatches_in_state = dispatches_in_state + 1
      FROM picked WHERE runs.id = picked.id 
      RETURNING runs.id, generation, state, outcome, trace_context, dispatch_context),
    noted AS (INSERT INTO events (run_id, kind, data)
      SELECT id, 'dispatched', jsonb_build_object('generation', generation, 'state', state) FROM moved)
    SELECT id, generation, state, outcome, trace_context, dispatch_context FROM moved`.execute(tx)
  return rows
}
