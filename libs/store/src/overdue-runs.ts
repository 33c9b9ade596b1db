import { sql } from 'kysely'
import type { Database } from './database.ts'

export type OverdueRuns = {
  /** Runs a minute past their deadline, or ten minutes without word from their closing flow: a living sweeper leaves none. */
  overdueRuns(): Promise<number>
}

export function overdueRunsPart(db: Database): OverdueRuns {
  return {
    overdueRuns: async () => {
      const { rows } = await sql<{ n: number }>`
        SELECT count(*)::int AS n FROM runs
        WHERE state <> 'ended' AND (deadline < now() - interval '1 minute'
          OR (state = 'ending' AND dispatched_at < now() - interval '10 minutes'))`.execute(db)
      return rows[0]?.n ?? 0
    },
  }
}
