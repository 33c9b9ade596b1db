import { Redis } from 'ioredis'
import pg from 'pg'
import { expect, test } from 'vitest'
import { testPostgres, testRedis } from './test-servers.ts'

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

test('every test gets an empty database that nobody else sees, and it is dropped on stop', async () => {
  const [mine, yours] = await Promise.all([testPostgres(), testPostgres()])
  await query(mine.url, 'CREATE TABLE only_mine (id int)')
  expect(await query(yours.url, `SELECT to_regclass('only_mine') AS found`)).toEqual([{ found: null }])
  await Promise.all([mine.stop(), yours.stop()])
  await expect(query(mine.url, 'SELECT 1')).rejects.toThrow('does not exist')
})

test('a database is dropped although a client is still connected to it', async () => {
  const database = await testPostgres()
  const client = new pg.Client({ connectionString: database.url })
  const cut = new Promise(resolve => client.on('error', resolve))
  await client.connect()
  await database.stop()
  expect(await cut).toBeInstanceOf(Error)
})

test('the shared server takes two hundred connections at once', async () => {
  const database = await testPostgres()
  const pool = new pg.Pool({ connectionString: database.url, max: 200 })
  const clients = await Promise.all(Array.from({ length: 200 }, () => pool.connect()))
  for (const client of clients) client.release()
  await pool.end()
  await database.stop()
})

test('a prefix on the shared Redis is cleaned on stop, and nobody else’s keys with it', async () => {
  const [mine, yours] = await Promise.all([testRedis(), testRedis()])
  const redis = new Redis(mine.url)
  await redis.mset(`${mine.prefix}:a`, '1', `${yours.prefix}:a`, '2')
  await mine.stop()
  expect(await redis.mget(`${mine.prefix}:a`, `${yours.prefix}:a`)).toEqual([null, '2'])
  await yours.stop()
  redis.disconnect()
})

test('a private Redis loses everything in a crash and comes back on the same port', async () => {
  const server = await testRedis({ private: true })
  const redis = new Redis(server.url)
  redis.on('error', () => {})
  await redis.set('key', 'value')
  const before = server.pid
  await server.kill()
  await server.restart()
  expect(server.pid).not.toBe(before)
  expect(await redis.get('key')).toBeNull()
  redis.disconnect()
  await server.stop()
})

test('a private Redis with an append-only file keeps its data over a restart', async () => {
  const server = await testRedis({ private: true, appendonly: true })
  const redis = new Redis(server.url)
  redis.on('error', () => {})
  await redis.set('key', 'value')
  await server.restart()
  expect(await redis.get('key')).toBe('value')
  redis.disconnect()
  await server.stop()
})
