import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Connection, connect } from './connection.ts'
import { type HookSubscriptions, hookSubscriptions } from './hook-subscriptions.ts'
import { type Inspect, inspect } from './inspect.ts'
import { type Emulated, emulatedAzureDevOps } from './test-emulated.ts'

let emulated: Emulated
let connections: Connection[]
let hooks: HookSubscriptions
let look: Inspect
let gateway: { url: string; seen: string[]; close(): void }

beforeAll(async () => {
  emulated = await emulatedAzureDevOps()
  const { url, tokens } = emulated.emulator
  const bot = connect({ url, token: tokens.bot, kind: 'pat', gate: 'bot' })
  const reader = connect({ url, token: tokens.reader, kind: 'pat', gate: 'reader' })
  connections = [bot, reader]
  hooks = hookSubscriptions(bot)
  look = inspect(bot)
  gateway = await receiver()
})
afterAll(async () => {
  for (const connection of connections) connection.close()
  gateway.close()
  await emulated.close()
})

async function receiver() {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization ?? '')
    request.resume().on('end', () => response.writeHead(202).end('{}'))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return { url: `http://127.0.0.1:${port}/webhooks/azure-devops`, seen, close: () => server.close() }
}

test('a subscription is made, told apart, tested, enabled again with a new password, and removed', async () => {
  const [project] = await look.projects()
  const target = { url: gateway.url, username: 'azure-devops', password: 'a-first-password' }
  const { id } = await hooks.create({ projectId: project?.id ?? '', target })
  expect(await hooks.list()).toEqual([
    {
      ...{ id, projectId: project?.id, url: gateway.url, username: 'azure-devops', status: 'enabled' },
      ...{ resourceVersion: '2.0', detail: 'all', probationRetries: 0 },
    },
  ])
  expect(await hooks.test({ id, projectId: project?.id ?? '', target })).toMatchObject({ result: 'succeeded' })
  expect(await hooks.deliveries({ id, limit: 5 })).toMatchObject([{ id: 1, result: 'succeeded' }])

  const renewed = { ...target, password: 'a-second-password' }
  await hooks.replace({ id, projectId: project?.id ?? '', target: renewed })
  await hooks.test({ id, projectId: project?.id ?? '', target: renewed })
  expect(gateway.seen.at(-1)).toBe(`Basic ${Buffer.from('azure-devops:a-second-password').toString('base64')}`)

  await hooks.remove({ id })
  expect(await hooks.list()).toEqual([])
})

test('rights of the own identity are told per repository, and reach of the scopes without a change', async () => {
  const [repository] = await look.repositories()
  if (!repository) throw new Error('there is no repository')
  expect(repository).toMatchObject({ name: 'app', projectName: 'My Project', isDisabled: false })
  expect(await look.holds({ right: 'Contribute', repositories: [repository] })).toEqual([true])
  expect(await look.mayChangeRefs(repository)).toBe(true)

  const { url } = emulated.emulator
  const scoped = connect({
    ...{ url, kind: 'pat', gate: 'scoped' },
    token: emulated.emulator.issueToken({ user: 'alice', scopes: ['vso.code'] }),
  })
  connections.push(scoped)
  expect(await inspect(scoped).mayChangeRefs(repository)).toBe(false)
  const [, reader] = connections
  if (!reader) throw new Error('nobody reads')
  expect(await inspect(reader).holds({ right: 'Contribute', repositories: [repository] })).toEqual([false])
})

test('accounts are found by their name, nobody by another', async () => {
  expect(await look.accounts({ name: 'alice' })).toMatchObject([
    { id: emulated.aliceId, displayName: 'Alice Archer', isActive: true, isGroup: false },
  ])
  expect(await look.accounts({ name: 'nobody-of-that-name' })).toEqual([])
})
