import { spawn } from 'node:child_process'
import { createProducer } from '@code-agent/queue/producer'
import { migrate } from '@code-agent/store/migrate'
import { openStore } from '@code-agent/store/store'
import { startRedis } from '@code-agent/tools/redis-server'
import { testPostgres } from '@code-agent/tools/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { commentDelivery } from './test-delivery.ts'

test('while Redis is away commands are accepted, and dispatched once it is back', { timeout: 180_000 }, async () => {
  const [postgres, redis] = await Promise.all([testPostgres(), startRedis()])
  onTestFinished(() => postgres.stop())
  onTestFinished(() => redis.stop())
  await migrate({ url: postgres.url })
  const store = openStore({ url: postgres.url })
  onTestFinished(() => store.close())
  await redis.kill()

  const gateway = spawn(process.execPath, [`${import.meta.dirname}/../main.ts`], {
    env: {
      ...{ DATABASE_URL: postgres.url, REDIS_URL: redis.url, PORT: '0', SHUTDOWN_GRACE_SECONDS: '1' },
      ...{ AZURE_DEVOPS_URL: 'https://dev.azure.com/contoso', LOG_LEVEL: 'warn' },
      ...{ WEBHOOK_USERNAME: 'hook', WEBHOOK_PASSWORD: 'correct horse' },
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  onTestFinished(() => void gateway.kill('SIGKILL'))
  const port = await new Promise<number>((resolve, reject) => {
    gateway.once('message', said => {
      if (typeof said === 'object' && said !== null && 'port' in said) resolve(Number(said.port))
    })
    gateway.once('exit', code => reject(new Error(`the gateway ended with ${code}`)))
  })

  const response = await fetch(`http://127.0.0.1:${port}/webhooks/azure-devops`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from('hook:correct horse').toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(commentDelivery({ text: '/edit make it so' })),
  })
  expect(response.status).toBe(202)
  const [run] = await store.runs({ filter: { organisation: 'contoso' } })
  expect(run).toMatchObject({ state: 'accepted', dispatchedAt: null })

  await redis.restart()
  const producer = createProducer({ redisUrl: redis.url, prefix: '{code-agent}' })
  onTestFinished(() => producer.close())
  const waiting = () =>
    producer.counts('llm').then(
      counts => counts['waiting-children'],
      () => 0,
    )
  await expect.poll(waiting, { timeout: 120_000 }).toBe(1)
})
