import { sql } from 'kysely'
import { interval } from './clock.ts'
import type { Database } from './database.ts'
import { notifyDue } from './notify.ts'

export type Recurring = {
  /**
   * Makes poll-comments due for every organisation the bot is known in, if its last one ended `everySeconds` ago or there
   * was none. One row each, opened again and again. @returns how many became due
   */
  pollCommentsDue(of: { everySeconds: number }): Promise<number>
}

export function recurringPart(db: Database): Recurring {
  return {
    pollCommentsDue: async of => {
      const { rows } = await sql`
        WITH due AS (
          INSERT INTO tasks (id, kind, unique_key, payload)
          SELECT gen_random_uuid(), 'poll-comments', 'poll-comments/' || organisation,
            jsonb_build_object('organisation', organisation)
          FROM identities
          WHERE NOT EXISTS (SELECT FROM tasks WHERE unique_key = 'poll-comments/' || organisation
            AND (state = 'open' OR ended_at > now() - ${interval(of.everySeconds * 1_000)}))
          ON CONFLICT (unique_key) DO UPDATE SET ${openedAgain}
          RETURNING id),
        forgotten AS (DELETE FROM effects USING due WHERE owner_id = due.id)
        SELECT id, ${notifyDue} FROM due`.execute(db)
      return rows.length
    },
  }
}

/** Its generation goes on counting: what an earlier one left in the queues stays without effect. */
export const openedAgain = sql`state = 'open', due_at = now(), dispatched_at = NULL, dispatches = 0, reason = NULL, ended_at = NULL`
