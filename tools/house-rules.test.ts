import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readHouseRules } from './house-rules.ts'

async function violationsOf(path: string, text = '') {
  const folder = mkdtempSync(join(tmpdir(), 'code-agent-rules-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  execFileSync('git', ['init', '-q'], { cwd: folder })
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
  const { files, violations } = await readHouseRules(folder)
  expect(files).toBe(1)
  return violations
}

test.for([
  ['libs/store/src/utils.ts', ''],
  ['libs/store/src/index.ts', ''],
  ['libs/store/src/types.ts', ''],
  ['libs/store/src/runStore.ts', ''],
  ['libs/store/src/runs.ts', 'let count = 0\n'],
  ['libs/store/src/runs.ts', `export * from './run.ts'\n`],
  ['libs/store/src/runs.test.ts', `vi.mock('pg')\n`],
  ['libs/store/src/runs.test.ts', `  test.only('x', () => {})\n`],
] as const)('%s with %j breaks a rule of the house', async ([path, text]) => {
  expect(await violationsOf(path, text)).toHaveLength(1)
})

test.for([
  ['libs/store/src/migrations/001-begin.ts', 'const x = () => {\n  let y = 0\n  return ++y\n}\n'],
  ['libs/store/src/claim.conformance.ts', ''],
  ['libs/store/src/runs.test.ts', 'let url: string\n'],
  ['vitest.config.ts', 'export default {}\n'],
] as const)('%s with %j is in order', async ([path, text]) => {
  expect(await violationsOf(path, text)).toEqual([])
})
