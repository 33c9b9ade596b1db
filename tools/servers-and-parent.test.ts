import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { afterEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { startPostgres } from './postgres-server.ts'
import { startRedis } from './redis-server.ts'
import { cacheFolder } from './server-process.ts'

const started = z.array(z.object({ pid: z.number(), dir: z.string(), url: z.string() }))

const parents: ChildProcess[] = []
afterEach(() => {
  for (const parent of parents.splice(0)) parent.kill('SIGKILL')
})

async function startInOtherProcess() {
  const script = `
    import { startPostgres } from './postgres-server.ts'
    import { startRedis } from './redis-server.ts'
    const servers = await Promise.all([startPostgres(), startRedis()])
    console.log(JSON.stringify(servers.map(({ pid, dir, url }) => ({ pid, dir, url }))))
    setInterval(() => {}, 1000)`
  const args = ['--input-type=module-typescript', '-e', script]
  const parent = spawn('node', args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] })
  parents.push(parent)
  const [line] = await once(createInterface({ input: parent.stdout }), 'line')
  return { parent, servers: started.parse(JSON.parse(String(line))) }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return existsSync(`/proc/${pid}/exe`) || process.platform !== 'linux'
}

test('Redis and Postgres are gone soon after their parent was killed with SIGKILL', async () => {
  const { parent, servers } = await startInOtherProcess()
  expect(servers.map(({ pid }) => isRunning(pid))).toEqual([true, true])
  parent.kill('SIGKILL')
  await vi.waitUntil(() => servers.every(({ pid }) => !isRunning(pid)), { timeout: 10_000 })
})

test('what a killed parent left in the temporary folder is removed by the next start', async () => {
  const { parent, servers } = await startInOtherProcess()
  parent.kill('SIGKILL')
  await once(parent, 'close')
  await vi.waitUntil(() => servers.every(({ pid }) => !isRunning(pid)), { timeout: 10_000 })
  const next = await Promise.all([startPostgres(), startRedis()])
  expect(servers.filter(({ dir }) => existsSync(dir))).toEqual([])
  await Promise.all(next.map(server => server.stop()))
  expect(next.filter(({ dir }) => existsSync(dir))).toEqual([])
})

test('servers that start at the same moment do not get in each other’s way', async () => {
  const servers = await Promise.all([startPostgres(), startPostgres(), startRedis(), startRedis(), startRedis()])
  expect(new Set(servers.map(({ port }) => port)).size).toBe(5)
  await Promise.all(servers.map(server => server.stop()))
})

test('Postgres clusters are copies of one template, which is initialised once', async () => {
  const templates = () => readdirSync(join(cacheFolder, 'postgres'))
  await (await startPostgres()).stop()
  const before = templates()
  await (await startPostgres()).stop()
  expect(templates()).toEqual(before)
})

test('Postgres comes back on the same port, with its data, after it was killed', async () => {
  const server = await startPostgres()
  const { port } = server
  await server.createDatabase('kept')
  await server.kill()
  await server.restart()
  expect(server.port).toBe(port)
  await expect(server.createDatabase('kept')).rejects.toThrow('already exists')
  await server.stop()
})

test('a folder of one’s own is kept on stop and used again by the next start', async () => {
  const dir = join(tmpdir(), `code-agent-kept-${process.pid}`)
  const first = await startRedis({ dir: join(dir, 'redis') })
  const redis = new Redis(first.url)
  await redis.set('key', 'value')
  redis.disconnect()
  await first.stop()
  const second = await startRedis({ dir: join(dir, 'redis') })
  const again = new Redis(second.url)
  expect(await again.get('key')).toBe('value')
  expect(await again.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
  again.disconnect()
  await second.stop()
  rmSync(dir, { recursive: true })
})

test('a server that cannot start says why', async () => {
  await expect(startRedis({ args: ['--no-such-setting', '1'] })).rejects.toThrow(/no-such-setting/)
})
