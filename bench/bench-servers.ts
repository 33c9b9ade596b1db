import { migrate } from '@code-agent/store/migrate'
import { startPostgres } from '@code-agent/tools/postgres-server'
import { startRedis } from '@code-agent/tools/redis-server'

export type BenchServers = { redisUrl: string; databaseUrl(): Promise<string>; stop(): Promise<void> }

/** As an installation has them: append-only file synced every second, commits synced to disk. */
export async function startBenchServers(): Promise<BenchServers> {
  const [redis, postgres] = await Promise.all([startRedis(), startPostgres({ durable: true })])
  let number = 0
  return {
    redisUrl: redis.url,
    async databaseUrl() {
      const url = await postgres.createDatabase(`bench_${++number}`)
      await migrate({ url })
      return url
    },
    async stop() {
      await Promise.all([redis.stop(), postgres.stop()])
    },
  }
}
