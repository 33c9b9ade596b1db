import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { processStart, withProcessLock } from './process-lock.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'code-agent-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const locker = (path: string, work: string) =>
  spawn(
    'node',
    [
      '--input-type=module',
      '-e',
      `import { withProcessLock } from './process-lock.mjs'
       import { appendFileSync } from 'node:fs'
       const log = text => appendFileSync(${JSON.stringify(join(folder, 'log'))}, text)
       await withProcessLock(${JSON.stringify(path)}, async () => { ${work} })`,
    ],
    { cwd: import.meta.dirname, stdio: 'inherit' },
  )

const log = () => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '')

test('of eight processes only one at a time holds the lock', async () => {
  const path = join(folder, 'lock')
  const work = `log('('); await new Promise(resolve => setTimeout(resolve, 20)); log(')')`
  const processes = Array.from({ length: 8 }, () => locker(path, work))
  await Promise.all(processes.map(process => once(process, 'close')))
  expect(log()).toBe('()'.repeat(8))
  expect(existsSync(path)).toBe(false)
})

test('the lock of a killed process is taken over, by one of those who wait', async () => {
  const path = join(folder, 'lock')
  const holder = locker(path, `log('held'); await new Promise(resolve => setTimeout(resolve, 60_000))`)
  await vi.waitUntil(() => log() === 'held', { timeout: 10_000 })
  const waiters = [0, 1, 2].map(() => locker(path, `log('('); log(')')`))
  holder.kill('SIGKILL')
  await Promise.all(waiters.map(process => once(process, 'close')))
  expect(log()).toBe('held()()()')
})

test('a pid that was given to another process since does not hold the lock', async () => {
  const path = join(folder, 'lock')
  writeFileSync(path, JSON.stringify({ pid: process.pid, start: 'long ago' }))
  expect(await withProcessLock(path, () => 'mine')).toBe('mine')
})

test('who waits is told for whom, and the lock is free again after a failure', async () => {
  const path = join(folder, 'lock')
  const told: number[] = []
  const first = withProcessLock(path, async () => {
    await vi.waitUntil(() => told.length > 0)
    throw new Error('failed')
  })
  const second = withProcessLock(
    path,
    () => 'second',
    pid => told.push(pid),
  )
  await expect(first).rejects.toThrow('failed')
  expect(await second).toBe('second')
  expect(told).toEqual([process.pid])
})

test('a process has a start time, nobody has none', () => {
  expect(processStart(process.pid)).toMatch(/\d/)
  expect(processStart(2 ** 22 + 1)).toBeUndefined()
})
