import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'

function start(...parameters: string[]): ChildProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

test('as a process it says where it listens and ends on SIGTERM', async () => {
  const child = start()
  const [line] = await once(child.stdout ?? child, 'data')
  const { admin } = JSON.parse(String(line))
  expect(await (await fetch(`${admin}/health`)).json()).toEqual({ ok: true })
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('a wrong script ends it with a sentence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'script-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'script.json'), '{"replies":[{"status":"bad"}]}')
  const child = start('--llm-script', join(folder, 'script.json'))
  const [said, [code]] = await Promise.all([child.stderr ? text(child.stderr) : '', once(child, 'exit')])
  expect(said).toContain('The model script is wrong at replies[0].status')
  expect(code).toBe(1)
})
