import { Redis } from 'ioredis'
import { startBenchServers } from '../bench-servers.ts'
import { byTurns, type Figure, figure, type Measure } from '../figure.ts'
import { startInProcessFleet } from '../in-process-fleet.ts'
import { startRawBullmq } from '../raw-bullmq.ts'

const inFlight = 16

/** Finished runs a second and what they leave in Redis: the real fleet against bare BullMQ flows of the same shape. */
export const measureRuns: Measure = async ({ effort, say }) => {
  const servers = await startBenchServers()
  const redis = new Redis(servers.redisUrl)
  try {
    const figures: Figure[] = []
    for (const variants of effort === 'quick' ? [1] : [1, 4, 8]) {
      say(`runs of ${variants} variants`)
      const count = effort === 'quick' ? 10 : Math.ceil(160 / variants)
      const bytes = { ours: 0, raw: 0 }
      const rate = await byTurns(
        effort === 'quick' ? 1 : 3,
        async () => {
          const { perSecond, bytesPerRun } = await ours(servers, redis, count, variants)
          bytes.ours = bytesPerRun
          return perSecond
        },
        async () => {
          const { perSecond, bytesPerRun } = await raw(servers.redisUrl, redis, count, variants)
          bytes.raw = bytesPerRun
          return perSecond
        },
      )
      figures.push(
        figure({
          name: `finished runs, N = ${variants}`,
          value: rate.subject,
          unit: 'runs/s',
          baseline: rate.baseline,
          target: '≥ 0.5',
        }),
        figure({
          name: `Redis bytes kept per finished run, N = ${variants}`,
          value: bytes.ours,
          unit: 'bytes',
          baseline: bytes.raw,
          target: '≤ 1.0',
        }),
      )
    }
    return figures
  } finally {
    redis.disconnect()
    await servers.stop()
  }
}

type Round = { perSecond: number; bytesPerRun: number }

async function ours(
  servers: { redisUrl: string; databaseUrl(): Promise<string> },
  redis: Redis,
  count: number,
  variants: number,
): Promise<Round> {
  await redis.flushall()
  const fleet = await startInProcessFleet({
    redisUrl: servers.redisUrl,
    databaseUrl: await servers.databaseUrl(),
    inFlight,
  })
  // Connections and scripts are warm before the clock runs.
  await fleet.accept(variants)
  await fleet.untilEnded()
  const before = await usedMemory(redis)
  const started = performance.now()
  for (let n = 0; n < count; n++) await fleet.accept(variants)
  await fleet.untilEnded()
  const perSecond = (count / (performance.now() - started)) * 1_000
  const bytesPerRun = ((await usedMemory(redis)) - before) / count
  await fleet.stop()
  return { perSecond, bytesPerRun }
}

async function raw(redisUrl: string, redis: Redis, count: number, variants: number): Promise<Round> {
  await redis.flushall()
  const flows = await startRawBullmq({ redisUrl })
  await flows.finish(1, variants, inFlight)
  const before = await usedMemory(redis)
  const started = performance.now()
  await flows.finish(count, variants, inFlight)
  const perSecond = (count / (performance.now() - started)) * 1_000
  const bytesPerRun = ((await usedMemory(redis)) - before) / count
  await flows.stop()
  return { perSecond, bytesPerRun }
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? 0)
}
