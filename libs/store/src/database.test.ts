import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { openStore } from './store.ts'
import { newRun, testStore } from './test-store.ts'

/** Between a store and its database; once frozen, what was connected hears nothing more and is not told either. */
async function freezable(url: string) {
  const [from, to] = [new URL(url), new URL(url)]
  const pairs: [Socket, Socket][] = []
  const server = createServer(client => {
    const upstream = connect(Number(from.port), from.hostname)
    pairs.push([client, upstream])
    for (const socket of [client, upstream]) socket.on('error', () => {})
    client.pipe(upstream)
    upstream.pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  to.hostname = '127.0.0.1'
  to.port = String(address.port)
  return {
    url: to.href,
    freeze() {
      for (const [client, upstream] of pairs) {
        client.unpipe(upstream).pause()
        upstream.unpipe(client).pause()
      }
    },
    stop() {
      for (const sockets of pairs) for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

test('a database that falls silent is an error soon, and the next question finds it again', async () => {
  const database = await testStore()
  const line = await freezable(database.url)
  const store = openStore({ url: line.url, max: 1, statementMs: 1_000 })
  try {
    await store.ping()
    line.freeze()
    const asked = performance.now()
    await expect(store.acceptRun(newRun())).rejects.toThrow()
    expect(performance.now() - asked).toBeLessThan(10_000)
    const run = newRun()
    expect((await store.acceptRun(run)).accepted).toBe(true)
    expect(await database.store.run(run.runId)).toMatchObject({ state: 'accepted' })
  } finally {
    await store.close()
    line.stop()
    await database.stop()
  }
})

test('connections that the server ends are replaced, those in use too', async () => {
  const database = await testStore()
  try {
    await expect(
      database.store.underSweeperLock(async () => {
        await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'code-agent'`)
        return 'swept'
      }),
    ).resolves.toEqual({ swept: true, result: 'swept' })
    await expect
      .poll(() =>
        database.store.ping().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
  } finally {
    await database.stop()
  }
})
