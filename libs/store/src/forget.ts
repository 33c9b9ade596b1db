import { type RawBuilder, sql } from 'kysely'
import { interval } from './clock.ts'
import type { Database } from './database.ts'

/** Which ended runs: of before, of one person (identity id, or unique name), or one. */
export type ForgetScope = { olderThanMs: number } | { user: string } | { runId: string }

export type Forgotten = {
  runs: number
  tasks: number
  /** In scope, but not ended, or with work left to do for them: they stay until it is done. */
  stillOpen: number
}

export type Forget = {
  /**
   * Takes out of ended runs and tasks what people and models wrote, and who asked. What remains is the skeleton: ids, times,
   * states, outcomes, commits, counts and cost. Events hold no words and no names, so that they never need to change.
   */
  forget(of: ForgetScope & { dryRun?: boolean }): Promise<Forgotten>
}

export function forgetPart(db: Database): Forget {
  return { forget: of => db.transaction().execute(tx => forget(tx, of)) }
}

async function forget(tx: Database, of: ForgetScope & { dryRun?: boolean }): Promise<Forgotten> {
  const { rows } = await sql<{ id: string; ended: boolean }>`
    SELECT id, state = 'ended' AND NOT EXISTS (SELECT FROM tasks WHERE tasks.state = 'open'
      AND tasks.payload ->> 'runId' = runs.id::text) AS ended FROM runs WHERE forgotten_at IS NULL AND ${runsIn(of)} FOR UPDATE`.execute(
    tx,
  )
  const ids = rows.filter(row => row.ended).map(row => row.id)
  const tasks = await sql<{ id: string; ended: boolean }>`
    SELECT id, state <> 'open' AS ended FROM tasks WHERE payload <> '{}' AND ${tasksIn(of)} FOR UPDATE`.execute(tx)
  const taskIds = tasks.rows.filter(row => row.ended).map(row => row.id)
  if (!of.dryRun) {
    if ('user' in of) await forgetCancels(tx, of.user)
    await forgetRuns(tx, ids)
    await forgetTasks(tx, taskIds)
  }
  const open = [...rows, ...tasks.rows].filter(row => !row.ended).length
  return { runs: ids.length, tasks: taskIds.length, stillOpen: open }
}

function runsIn(of: ForgetScope): RawBuilder<unknown> {
  if ('runId' in of) return sql`id = ${of.runId}`
  if ('user' in of)
    return sql`(requester ->> 'id' = ${of.user} OR lower(requester ->> 'uniqueName') = lower(${of.user}))`
  return sql`created_at < now() - ${interval(of.olderThanMs)}`
}

/** Only answers hold words of people; the other kinds hold ids, and poll-comments must stay what it is. */
function tasksIn(of: ForgetScope): RawBuilder<unknown> {
  if ('runId' in of) return sql`kind = 'show-wait' AND payload ->> 'runId' = ${of.runId}::text`
  if ('user' in of) {
    return sql`kind = 'answer-comment' AND payload ->> 'authorId' IN (SELECT ${of.user} UNION
      SELECT requester ->> 'id' FROM runs WHERE lower(requester ->> 'uniqueName') = lower(${of.user}))`
  }
  return sql`kind IN ('answer-comment', 'show-wait') AND created_at < now() - ${interval(of.olderThanMs)}`
}

async function forgetRuns(tx: Database, ids: string[]): Promise<void> {
  const these = sql`ANY(${ids}::uuid[])`
  for (const table of ['patches', 'model_answers', 'slugs']) {
    await sql`DELETE FROM ${sql.table(table)} WHERE run_id = ${these}`.execute(tx)
  }
  await sql`UPDATE variants SET strategy = NULL, summary = NULL, branch = NULL,
    reason = CASE WHEN reason IS NULL THEN NULL ELSE 'forgotten' END WHERE run_id = ${these}`.execute(tx)
  await sql`UPDATE reservations SET user_id = 'forgotten' WHERE run_id = ${these}`.execute(tx)
  await sql`UPDATE attempts SET message = NULL WHERE owner = 'run' AND owner_id = ${these}`.execute(tx)
  await sql`UPDATE runs SET comment_text = '', intent = '', overview = NULL, admission = NULL, trace_context = NULL, dispatch_context = NULL,
    requester = '{"id": "forgotten", "displayName": "", "uniqueName": ""}',
    reason = CASE WHEN reason IS NULL THEN NULL ELSE 'forgotten' END, forgotten_at = now() WHERE id = ${these}`.execute(
    tx,
  )
}

/** Who cancels is named in the run, whoever asked for it. */
async function forgetCancels(tx: Database, user: string): Promise<void> {
  await sql`UPDATE runs SET reason = 'Cancelled.' WHERE state = 'ended' AND ending_cause = 'cancelled' AND id IN (
    SELECT run_id FROM events WHERE kind = 'cancel' AND (data ->> 'by' = ${user} OR data ->> 'by' IN (
      SELECT requester ->> 'id' FROM runs WHERE lower(requester ->> 'uniqueName') = lower(${user}))))`.execute(tx)
}

async function forgetTasks(tx: Database, ids: string[]): Promise<void> {
  const these = sql`ANY(${ids}::uuid[])`
  await sql`UPDATE attempts SET message = NULL WHERE owner = 'task' AND owner_id = ${these}`.execute(tx)
  await sql`UPDATE tasks SET payload = '{}', result = NULL WHERE id = ${these}`.execute(tx)
}
