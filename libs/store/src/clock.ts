import { sql } from 'kysely'

/** A moment of this process's clock as one of the database's: what counts is how far away it is, clocks may differ by minutes. */
export function databaseTime(moment: Date) {
  return sql<Date>`clock_timestamp() + make_interval(secs => ${(moment.getTime() - Date.now()) / 1_000})`
}

/** A moment the database says is `ms` away, on this process's clock. */
export function localTime(ms: number): Date {
  return new Date(Date.now() + Math.max(0, ms))
}

/** Milliseconds from now until a column of the database. */
export function msUntil(column: string) {
  return sql<number>`(extract(epoch FROM ${sql.ref(column)} - clock_timestamp()) * 1000)::float8`
}

export function interval(ms: number) {
  return sql`make_interval(secs => ${ms / 1_000})`
}
