import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { testRedis } from '@code-agent/tools/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'

const Ready = z.object({ kind: z.literal('ready'), port: z.number() })

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (output += String(chunk)))
  return { child, output: () => output }
}

test('the dashboard starts from its environment, tells its port, and leaves on SIGTERM', async () => {
  const redis = await testRedis()
  onTestFinished(() => redis.stop())
  const { child, output } = start({
    REDIS_URL: redis.url,
    QUEUE_PREFIX: redis.prefix,
    PORT: '0',
    BULL_BOARD_USERNAME: 'operator',
    BULL_BOARD_PASSWORD: 'hunter2-hunter2',
  })
  const { port } = Ready.parse((await once(child, 'message'))[0])
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(401)
  const headers = { authorization: `Basic ${btoa('operator:hunter2-hunter2')}` }
  await expect.poll(async () => (await fetch(`http://127.0.0.1:${port}/api/queues`, { headers })).status).toBe(200)
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
  expect(output()).not.toContain('hunter2')
})

test('the dashboard does not start without a password, and says which variable it wants', async () => {
  const { child, output } = start({ REDIS_URL: 'redis://127.0.0.1:1', BULL_BOARD_USERNAME: 'operator' })
  const [code] = await once(child, 'exit')
  expect(code).toBe(1)
  await expect.poll(output).toContain('BULL_BOARD_PASSWORD is missing')
})
