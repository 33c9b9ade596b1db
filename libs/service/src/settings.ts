import { RedisUrl } from '@code-agent/jobs/redis-address'
import { defaultPrefix } from '@code-agent/jobs/steps'
import { z } from 'zod'

/** Of every process. */
export const processSettings = {
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .meta({ description: 'The least that is logged', example: 'info' }),
  SHUTDOWN_GRACE_SECONDS: z.coerce
    .number()
    .min(0)
    .max(3_600)
    .default(10)
    .meta({ description: 'How long work in hand may take to leave off after SIGTERM', example: '10' }),
}

/** Of every process that works for runs. */
export const workSettings = {
  EFFECT_LEASE_SECONDS: z.coerce.number().min(4).max(600).default(40).meta({
    description: 'How long a change outside is in the hands of one process; Azure DevOps may take 30 s to answer',
    example: '40',
  }),
  CRASH_DIR: z.string().min(1).optional().meta({
    description: 'Only for trials of recovery: a process dies at a place a file in this folder is named after',
    example: '/tmp/crash',
  }),
}

/** Of every process that takes jobs. */
export const workerSettings = {
  ...workSettings,
  LOCK_SECONDS: z.coerce
    .number()
    .min(1)
    .max(600)
    .default(15)
    .meta({ description: 'How long a job stays with a process that does not answer any more', example: '15' }),
  STALLED_SECONDS: z.coerce
    .number()
    .min(0.5)
    .max(600)
    .default(5)
    .meta({ description: 'How often jobs of processes that died are looked for', example: '5' }),
}

/** Of every process that answers HTTP, if only for health and metrics. */
export const httpSettings = {
  HOST: z.string().min(1).default('127.0.0.1').meta({
    description: 'Address to listen on; 0.0.0.0 in a container',
    example: '0.0.0.0',
  }),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080).meta({
    description: 'Port to listen on; 0 takes a free one',
    example: '8080',
  }),
}

export const databaseSettings = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'expected a URL that begins with postgres://' }).meta({
    description: 'Postgres 14 or later',
    example: 'postgres://code_agent:password@db.internal:5432/code_agent',
  }),
}

export const queueSettings = {
  REDIS_URL: RedisUrl.meta({
    description:
      'Redis 6.2 or later, with maxmemory-policy noeviction; behind Sentinels redis+sentinel://:password@one:26379,two:26379/name',
    example: 'rediss://:password@redis.internal:6380',
  }),
  QUEUE_PREFIX: z
    .string()
    .regex(/^[^:{}]*\{[^:{}]+\}[^:{}]*$/, 'expected a hash tag in braces, and no colon')
    .default(defaultPrefix)
    .meta({
      description: 'Beginning of every key in Redis; the braces keep one flow in one slot of a cluster',
      example: '{code-agent}',
    }),
}
