import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { decodeConfig, secretsOf } from './config.ts'
import { configTable } from './config-table.ts'
import { databaseSettings, httpSettings, processSettings, queueSettings } from './settings.ts'

const Settings = z
  .object({
    ...processSettings,
    ...httpSettings,
    ...databaseSettings,
    ...queueSettings,
    API_TOKEN: z.string().min(8).meta({ description: 'Credential of the bot', example: 'a token' }),
    NOTE: z.string().optional().meta({ description: 'Left | right', example: 'x' }),
  })
  .refine(settings => settings.NOTE !== 'forbidden', { path: ['NOTE'], message: 'not this one' })

const valid = {
  DATABASE_URL: 'postgres://app:p%40ss@localhost/app',
  REDIS_URL: 'redis://localhost:6379',
  API_TOKEN: 'token-token',
}

const complaint = (env: Record<string, string>) => {
  try {
    decodeConfig(Settings, env)
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
  throw new Error('the configuration was accepted')
}

test('a valid environment is decoded, with defaults for what is not set or set to nothing', () => {
  expect(decodeConfig(Settings, { ...valid, PORT: '0', HOST: '' })).toMatchObject({
    PORT: 0,
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    SHUTDOWN_GRACE_SECONDS: 10,
    QUEUE_PREFIX: '{code-agent}',
  })
})

test('a wrong value is told with the name of its variable, what was wrong and an example', () => {
  expect(complaint({ ...valid, PORT: '80800' })).toMatch(/^PORT is "80800": .*65535.* Example: PORT=8080$/)
  expect(complaint({ ...valid, DATABASE_URL: 'mysql://x/y' })).toMatch(/^DATABASE_URL is .*postgres:\/\/.*Example/)
  expect(complaint({ ...valid, QUEUE_PREFIX: 'plain' })).toMatch(/^QUEUE_PREFIX is "plain": expected a hash tag/)
})

test('a missing variable is told with its meaning, and all problems are told at once', () => {
  const { DATABASE_URL: _, ...rest } = valid
  const lines = complaint({ ...rest, PORT: 'http' }).split('\n')
  expect(lines).toHaveLength(2)
  expect(lines.toSorted()[0]).toMatch(/^DATABASE_URL is missing: Postgres 14 or later\. Example: DATABASE_URL=postgres/)
  expect(lines.toSorted()[1]).toMatch(/^PORT is "http"/)
})

test('a wrong secret is named but never shown, nor a URL with a password in it', () => {
  expect(complaint({ ...valid, API_TOKEN: 'hunter2' })).toMatch(/^API_TOKEN has a wrong value: /)
  expect(complaint({ ...valid, API_TOKEN: 'hunter2' })).not.toContain('hunter2')
  expect(complaint({ ...valid, REDIS_URL: 'http://u:hunter2@x' })).not.toContain('hunter2')
})

test('a rule over several variables names the one it is about', () => {
  expect(complaint({ ...valid, NOTE: 'forbidden' })).toMatch(/^NOTE is "forbidden": not this one/)
})

test('a variable may stand in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'config-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'token')
  await writeFile(file, 'token-from-file\n')
  const { API_TOKEN: _, ...rest } = valid
  expect(decodeConfig(Settings, { ...rest, API_TOKEN_FILE: file }).API_TOKEN).toBe('token-from-file')
  expect(complaint({ ...valid, API_TOKEN_FILE: file })).toMatch(/API_TOKEN and API_TOKEN_FILE are both set/)
  expect(complaint({ ...rest, API_TOKEN_FILE: join(folder, 'none') })).toMatch(
    /API_TOKEN_FILE names a file that cannot/,
  )
})

test('the secrets of a configuration are its tokens and the passwords in its URLs, encoded and not', () => {
  expect(secretsOf(Settings, decodeConfig(Settings, valid)).toSorted()).toEqual(['p%40ss', 'p@ss', 'token-token'])
})

test('the table has one row a variable, says who reads it, and marks secrets', () => {
  const table = configTable({ gateway: Settings, worker: z.object(processSettings) })
  expect(table).toContain('| `LOG_LEVEL` | all | `info` | The least that is logged | `info` |')
  expect(table).toContain('| `API_TOKEN` | gateway | required | Credential of the bot (secret) | `a token` |')
  expect(table).toContain('| `NOTE` | gateway | — | Left \\| right | `x` |')
  expect(table.split('\n')).toHaveLength(2 + Object.keys(Settings.shape).length)
})
