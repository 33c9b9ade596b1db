import { Rejected } from '@code-agent/jobs/errors'
import { sql } from 'kysely'

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue | undefined }

/** A jsonb parameter: node-postgres would turn an array into a Postgres array. */
export function jsonb(value: unknown) {
  return sql<JsonValue>`${JSON.stringify(clean(value) ?? null)}::text::jsonb`
}

/** Text as Postgres can hold it: NUL and lone surrogates, which it refuses, become U+FFFD. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}

/** @throws Rejected when Postgres could not give back exactly this */
export function exactly(what: string, text: string): string {
  if (storable(text) !== text) throw new Rejected(`${what} holds characters that no text file has`)
  return text
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return storable(value)
  if (Array.isArray(value)) return value.map(clean)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), clean(item)]))
}
