import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { crashPoint } from './crash-point.ts'

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'code-agent-crash-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

async function endOf(dir: string, place: string): Promise<[code: number | null, signal: string | null]> {
  const module = join(import.meta.dirname, 'crash-point.ts')
  const text = `import { crashPoint } from ${JSON.stringify(module)}; crashPoint(process.argv[1])(process.argv[2])`
  const child = spawn(process.execPath, ['--input-type=module', '-e', text, dir, place])
  const [code, signal] = await once(child, 'exit')
  return [code, signal]
}

test('without a folder there is no crash point at all', () => {
  expect(crashPoint(undefined)).toBeUndefined()
})

test('a process dies at the place a file is named after, once, and only there', async () => {
  const dir = await folder()
  expect(await endOf(dir, 'commit-patch@1:after-act')).toEqual([0, null])
  await writeFile(join(dir, 'commit-patch:after-act'), '')
  expect(await endOf(dir, 'commit-patch@1:before-claim')).toEqual([0, null])
  expect(await endOf(dir, 'commit-patch@1:after-act')).toEqual([null, 'SIGKILL'])
  await access(join(dir, 'commit-patch:after-act.reached'))
  expect(await endOf(dir, 'commit-patch@1:after-act')).toEqual([0, null])
})

test('a name with a variant spares the other variants', async () => {
  const dir = await folder()
  await writeFile(join(dir, 'commit-patch@2:after-act'), '')
  expect(await endOf(dir, 'commit-patch@1:after-act')).toEqual([0, null])
  expect(await endOf(dir, 'commit-patch@2:after-act')).toEqual([null, 'SIGKILL'])
})
