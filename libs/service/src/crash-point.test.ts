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

async function endOf(file: string, place: string): Promise<[code: number | null, signal: string | null]> {
  const module = join(import.meta.dirname, 'crash-point.ts')
  const text = `import { crashPoint } from ${JSON.stringify(module)}; crashPoint(process.argv[1])(process.argv[2])`
  const child = spawn(process.execPath, ['--input-type=module', '-e', text, file, place])
  const [code, signal] = await once(child, 'exit')
  return [code, signal]
}

test('without a file there is no crash point at all', () => {
  expect(crashPoint(undefined)).toBeUndefined()
})

test('a process dies at the place the file names, once, and only there', async () => {
  const file = join(await folder(), 'crash')
  expect(await endOf(file, 'commit-patch/1:after-act')).toEqual([0, null])
  await writeFile(file, 'commit-patch:after-act\n')
  expect(await endOf(file, 'commit-patch/1:before-claim')).toEqual([0, null])
  expect(await endOf(file, 'commit-patch/1:after-act')).toEqual([null, 'SIGKILL'])
  await access(`${file}.reached`)
  expect(await endOf(file, 'commit-patch/1:after-act')).toEqual([0, null])
})

test('a name with a variant spares the other variants', async () => {
  const file = join(await folder(), 'crash')
  await writeFile(file, 'commit-patch/2:after-act')
  expect(await endOf(file, 'commit-patch/1:after-act')).toEqual([0, null])
  expect(await endOf(file, 'commit-patch/2:after-act')).toEqual([null, 'SIGKILL'])
})
