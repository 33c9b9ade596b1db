import { testPostgres } from '@code-agent/tools/test-servers'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from './database.ts'

let server: Awaited<ReturnType<typeof testPostgres>>
beforeAll(async () => {
  server = await testPostgres()
})
afterAll(() => server.stop())

test('a statement is kept by the server, and one that returns whatever columns there are is not', async () => {
  const { db } = openDatabase({ url: server.url, max: 1 })
  await sql`CREATE TABLE things (id int PRIMARY KEY, name text)`.execute(db)
  for (const id of [1, 2]) await sql`INSERT INTO things (id, name) VALUES (${id}, ${'x'})`.execute(db)
  for (const id of [1, 2]) await sql`SELECT * FROM things WHERE id = ${id}`.execute(db)
  for (const id of [1, 2]) await sql`SELECT id * 2 AS twice FROM things WHERE id = ${id}`.execute(db)
  const { rows } = await sql<{ statement: string }>`SELECT statement FROM pg_prepared_statements`.execute(db)
  const kept = rows.map(row => row.statement).filter(statement => statement.includes('things'))
  expect(kept.toSorted()).toEqual([
    'INSERT INTO things (id, name) VALUES ($1, $2)',
    'SELECT id * 2 AS twice FROM things WHERE id = $1',
  ])
  // What a migration of the next version does under our feet.
  await sql`ALTER TABLE things ADD COLUMN colour text`.execute(db)
  expect((await sql`SELECT * FROM things WHERE id = ${1}`.execute(db)).rows).toEqual([
    { id: 1, name: 'x', colour: null },
  ])
  await sql`INSERT INTO things (id, name) VALUES (${3}, ${'y'})`.execute(db)
  await db.destroy()
})
