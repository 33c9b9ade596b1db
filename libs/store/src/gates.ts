import { sql } from 'kysely'
import { databaseTime, localTime, msUntil } from './clock.ts'
import type { Database } from './database.ts'
import { storable } from './json.ts'

/** Until when a credential or model must not be called, by anybody; times on this process's clock. */
export type Gate = { gate: string; until: Date; reason: string }

export type Gates = {
  /** The later `until` wins: a gate is never shortened. */
  closeGate(gate: Gate): Promise<void>
  /** By hand, when the reason is gone: all, or those named. */
  openGates(names?: string[]): Promise<void>
  /** All that are closed now. */
  closedGates(): Promise<Gate[]>
  /** Those of these that are closed now. */
  gateState(names: string[]): Promise<Gate[]>
}

export function gatesPart(db: Database): Gates {
  return {
    closeGate: async gate => {
      await sql`
        INSERT INTO gates (name, until, reason) VALUES (${gate.gate}, ${databaseTime(gate.until)}, ${storable(gate.reason)})
        ON CONFLICT (name) DO UPDATE SET until = excluded.until, reason = excluded.reason,
          closed_at = CASE WHEN gates.until > now() THEN gates.closed_at ELSE now() END
        WHERE gates.until < excluded.until`.execute(db)
    },
    openGates: async names => {
      await sql`DELETE FROM gates WHERE ${names === undefined} OR name = ANY(${names ?? []}::text[])`.execute(db)
    },
    closedGates: () => closed(db, undefined),
    gateState: names => closed(db, names),
  }
}

async function closed(db: Database, names: string[] | undefined): Promise<Gate[]> {
  const { rows } = await sql<{ name: string; ms: number; reason: string }>`
    SELECT name, ${msUntil('until')} AS ms, reason FROM gates
    WHERE until > clock_timestamp() AND (${names === undefined} OR name = ANY(${names ?? []}::text[])) ORDER BY name`.execute(
    db,
  )
  return rows.map(row => ({ gate: row.name, until: localTime(row.ms), reason: row.reason }))
}
