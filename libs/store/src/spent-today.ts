import { sql } from 'kysely'
import type { Database } from './database.ts'

export type SpentToday = {
  /** What an organisation used of its limits since the day began in UTC, calls under way included. */
  spentToday(of: { organisation: string }): Promise<{ tokens: number; usd: number }>
}

export function spentTodayPart(db: Database): SpentToday {
  return {
    spentToday: async of => {
      const { rows } = await sql<{ tokens: number; usd: number }>`
        SELECT coalesce(sum(tokens), 0)::float8 AS tokens, coalesce(sum(usd), 0)::float8 AS usd FROM reservations
        WHERE organisation = ${of.organisation} AND at >= date_trunc('day', now(), 'UTC')`.execute(db)
      return rows[0] ?? { tokens: 0, usd: 0 }
    },
  }
}
