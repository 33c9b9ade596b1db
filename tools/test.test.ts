import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cacheFolder } from './server-process.ts'

let folder: string

beforeEach(() => {
  mkdirSync(cacheFolder, { recursive: true })
  folder = mkdtempSync(join(cacheFolder, 'test-run-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function run(files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), `import { beforeAll, describe, test } from 'vitest'\n${text}`)
  }
  writeFileSync(join(folder, 'vitest.config.ts'), 'export default {}')
  const args = [join(import.meta.dirname, 'test.ts'), '--root', folder]
  const { status, stdout } = spawnSync('node', args, { encoding: 'utf8' })
  return { status, lastLine: stdout.trimEnd().split('\n').at(-1) }
}

test('the last line of a good run says how many passed, and which were skipped', () => {
  const text = `test('a', () => {}); test('b', () => {}); test.skip('c', () => {})`
  expect(run({ 'good.test.ts': text })).toEqual({ status: 0, lastLine: '2 passed, 0 failed, 1 skipped' })
})

test('a file that does not load, a failed hook and a stray rejection are failures', () => {
  const result = run({
    'good.test.ts': `test('a', () => {})`,
    'load.test.ts': `import './missing.ts'\ntest('b', () => {})`,
    'hook.test.ts': `describe('c', () => { beforeAll(() => { throw new Error('no') }); test('d', () => {}) })`,
    'stray.test.ts': `test('e', async () => { void Promise.reject(new Error('no')); await new Promise(setImmediate) })`,
  })
  expect(result).toEqual({ status: 1, lastLine: '2 passed, 3 failed, 1 skipped' })
})

test('a worker that dies under its test is a failure', () => {
  const text = `test('a', async () => { process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}) })`
  const result = run({ 'dies.test.ts': text })
  expect(result.status).toBe(1)
  expect(result.lastLine).toMatch(/^0 passed, [1-9]\d* failed$/)
})

test('a run in which nothing was run is no success', () => {
  expect(run({})).toEqual({ status: 1, lastLine: '0 passed, 0 failed' })
})
