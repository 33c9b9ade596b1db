import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from './database.ts'
import { jsonb } from './json.ts'
import { notifyDue } from './notify.ts'

export type Retried = { retried: true; runId: string } | { retried: false; because: string }

export type RetryRun = {
  /**
   * Begins the request of an ended run without draft again, as a new run: `ended` is left by nobody. It is admitted like any
   * other, so that comment, pull request and rights are asked for anew.
   * @param of.by who asked, for the audit
   */
  retryRun(of: { runId: string; by: string }): Promise<Retried>
}

type Before = { state: string; outcome: string | null; forgotten: boolean; later: string | null }

export function retryRunPart(db: Database): RetryRun {
  return { retryRun: of => db.transaction().execute(tx => retryRun(tx, of)) }
}

async function retryRun(tx: Database, of: { runId: string; by: string }): Promise<Retried> {
  // The first run of the request is its lock: two who retry at once would both see no later one.
  await sql`SELECT FROM runs first JOIN runs mine ON ${sameRequest('first', 'mine')}
    WHERE mine.id = ${of.runId} AND first.retry = 0 FOR UPDATE OF first`.execute(tx)
  const { rows } = await sql<Before>`
    SELECT state, outcome, forgotten_at IS NOT NULL AS forgotten,
      (SELECT id FROM runs later WHERE ${sameRequest('later', 'runs')} AND later.retry > runs.retry
        ORDER BY later.retry DESC LIMIT 1) AS later
    FROM runs WHERE id = ${of.runId}`.execute(tx)
  const because = objection(rows[0])
  if (because !== undefined) return { retried: false, because }
  const runId = randomUUID()
  await sql`
    WITH fresh AS (
      INSERT INTO runs (id, organisation, repository_id, pull_request_id, thread_id, comment_id, project_id,
        requester, comment_text, intent, variant_count, trace_context, retry)
      SELECT ${runId}, organisation, repository_id, pull_request_id, thread_id, comment_id, project_id,
        requester, comment_text, intent, variant_count, trace_context, retry + 1
      FROM runs WHERE id = ${of.runId} RETURNING id, variant_count, requester),
    made AS (INSERT INTO variants (run_id, index) SELECT id, n FROM fresh, generate_series(1, variant_count) n),
    noted AS (INSERT INTO events (run_id, kind, data)
      SELECT id, 'accepted', jsonb_build_object('variants', variant_count, 'requester', requester -> 'id')
        || ${jsonb({ retryOf: of.runId, by: of.by })} FROM fresh
      UNION ALL SELECT ${of.runId}::uuid, 'retried', ${jsonb({ as: runId, by: of.by })})
    SELECT ${notifyDue} FROM fresh`.execute(tx)
  return { retried: true, runId }
}

function sameRequest(one: string, other: string) {
  const columns = ['organisation', 'repository_id', 'pull_request_id', 'thread_id', 'comment_id']
  return sql.join(
    columns.map(column => sql`${sql.ref(`${one}.${column}`)} = ${sql.ref(`${other}.${column}`)}`),
    sql` AND `,
  )
}

function objection(run: Before | undefined): string | undefined {
  if (run === undefined) return 'there is no such run'
  if (run.state !== 'ended') return 'it has not ended; cancel it first'
  if (run.outcome === 'done') return 'it is done; a new comment asks for more drafts'
  if (run.forgotten) return 'what it was asked for is forgotten'
  if (run.later !== null) return `its request was begun again already, as run ${run.later}`
  return undefined
}
