import { sql } from 'kysely'
import type { Database } from './database.ts'
import { storable } from './json.ts'
import { notifyDue } from './notify.ts'

/** Without a repository all of the organisation. */
export type PauseScope = { organisation: string; repositoryId?: string }
export type Pause = { organisation: string; repositoryId: string | null; reason: string; pausedAt: Date }

export type Pauses = {
  /** Nothing new begins there; what runs goes on to its end. The reason is for those who wait: it stands in their threads. */
  pause(of: PauseScope & { reason: string }): Promise<void>
  /** @returns false if it was not paused by itself: lifting a repository's pause does not lift its organisation's */
  resume(of: PauseScope): Promise<boolean>
  pauses(): Promise<Pause[]>
  /** Makes a show-wait task for every run that waits behind a pause and was not told yet. @returns how many */
  waitsDue(): Promise<number>
}

/** Whether a row with organisation and repository_id waits behind a pause. */
export function isPaused(table: string) {
  return sql`EXISTS (SELECT FROM pauses WHERE pauses.organisation = ${sql.ref(`${table}.organisation`)}
    AND pauses.repository_id IN ('', ${sql.ref(`${table}.repository_id`)}))`
}

export function pausesPart(db: Database): Pauses {
  return {
    pause: async of => {
      await sql`INSERT INTO pauses (organisation, repository_id, reason)
        VALUES (${of.organisation}, ${of.repositoryId ?? ''}, ${storable(of.reason)})
        ON CONFLICT (organisation, repository_id) DO UPDATE SET reason = excluded.reason`.execute(db)
    },
    resume: async of => {
      const { rows } = await sql`
        WITH lifted AS (DELETE FROM pauses
          WHERE organisation = ${of.organisation} AND repository_id = ${of.repositoryId ?? ''} RETURNING organisation)
        SELECT ${notifyDue} FROM lifted`.execute(db)
      return rows.length > 0
    },
    pauses: async () => {
      const { rows } = await sql<Pause>`
        SELECT organisation, nullif(repository_id, '') AS "repositoryId", reason, paused_at AS "pausedAt"
        FROM pauses ORDER BY 1, 2 NULLS FIRST`.execute(db)
      return rows
    },
    waitsDue: () => waitsDue(db),
  }
}

/** Once a run: the key holds its id, so that being paused a second time adds nothing to the thread. */
async function waitsDue(db: Database): Promise<number> {
  const { rows } = await sql`
    WITH due AS (
      INSERT INTO tasks (id, kind, unique_key, payload)
      SELECT gen_random_uuid(), 'show-wait', 'show-wait/' || runs.id, jsonb_build_object('runId', runs.id)
      FROM runs
      WHERE dispatched_at IS NULL AND state IN ('accepted', 'ready') AND ${isPaused('runs')}
        AND NOT EXISTS (SELECT FROM tasks WHERE unique_key = 'show-wait/' || runs.id)
      ON CONFLICT (unique_key) DO NOTHING RETURNING id),
    noted AS (INSERT INTO events (task_id, kind, data) SELECT id, 'accepted', '{"task": "show-wait"}' FROM due)
    SELECT id, ${notifyDue} FROM due`.execute(db)
  return rows.length
}
