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
  }
}
