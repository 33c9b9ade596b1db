import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import pg from 'pg'
import { inject } from 'vitest'
import { runSql } from './postgres-server.ts'
import { type RedisServer, startRedis } from './redis-server.ts'
import type {} from './test-global-setup.ts'

export type TestPostgres = { url: string; stop(): Promise<void> }
export type TestRedis = { url: string; prefix: string; stop(): Promise<void> }
export type PrivateRedis = RedisServer & { prefix: string }

const uniqueName = () => `t${randomBytes(6).toString('hex')}`

/** A fresh empty database on the server that the whole test run shares; stop() drops it, connected clients or not. */
export async function testPostgres(): Promise<TestPostgres> {
  const server = inject('postgresUrl')
  const name = uniqueName()
  await runSql(server, `CREATE DATABASE ${pg.escapeIdentifier(name)}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    stop: () => runSql(server, `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`),
  }
}

/**
 * A key prefix of your own, with hash tag, on the Redis that the whole test run shares; stop() deletes its keys.
 * With `private: true` a server process of your own, to be flushed, killed and restarted (nothing survives
 * a restart unless `appendonly: true`).
 */
export function testRedis(options: { private: true; appendonly?: boolean }): Promise<PrivateRedis>
export function testRedis(options?: { private?: false }): Promise<TestRedis>
export async function testRedis(options: { private?: boolean; appendonly?: boolean } = {}): Promise<TestRedis> {
  const prefix = `{${uniqueName()}}`
  if (options.private) {
    const server = await startRedis({ appendonly: options.appendonly ?? false })
    return Object.assign(server, { prefix })
  }
  const url = inject('redisUrl')
  return { url, prefix, stop: () => deleteKeys(url, prefix) }
}

async function deleteKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url)
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1000 })) {
      if (keys.length > 0) await redis.unlink(...keys)
    }
  } finally {
    redis.disconnect()
  }
}
