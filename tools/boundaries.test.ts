import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readBoundaries } from './boundaries.ts'

const root = join(import.meta.dirname, '..')

/** The names of the rules that a project of these files breaks. */
async function brokenRules(files: Record<string, string>): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'code-agent-boundaries-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const all = { 'package.json': '{"name":"trial"}', ...files }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const folders = new Set(Object.keys(files).map(path => path.split('/')[0] ?? ''))
  const { violations } = await readBoundaries(folder, [...folders])
  const ofTheTrialItself = ['every-import-is-found', 'packages-meet-by-name-not-by-path']
  const names = new Set(violations.map(violation => violation.split(':')[0] ?? ''))
  return [...names].filter(name => !ofTheTrialItself.includes(name))
}

const target = 'export const x = 1'

test('the project keeps its own import rules, and the check saw every kind of folder', async () => {
  const { sources, violations } = await readBoundaries(root)
  expect(violations).toEqual([])
  for (const folder of ['apps/gateway/', 'emulators/llm/', 'libs/queue/', 'libs/store/', 'tools/']) {
    expect(sources.filter(source => source.startsWith(folder)).length, folder).toBeGreaterThan(0)
  }
})

test.for([
  ['libs/queue/src/a.ts', 'apps/gateway/src/b.ts', 'libs-do-not-import-apps'],
  ['apps/gateway/src/a.ts', 'apps/worker-ado/src/b.ts', 'no-app-imports-an-app'],
  ['libs/ado/src/a.ts', 'libs/store/src/b.ts', 'ado-and-llm-know-neither-queue-nor-store'],
  ['libs/llm/src/a.ts', 'libs/queue/src/b.ts', 'ado-and-llm-know-neither-queue-nor-store'],
  ['libs/store/src/a.ts', 'libs/service/src/b.ts', 'libs-of-the-middle-know-only-the-base'],
  ['libs/jobs/src/a.ts', 'libs/store/src/b.ts', 'base-libs-stand-alone'],
  ['emulators/llm/src/a.ts', 'libs/llm/src/b.ts', 'emulators-and-tools-share-nothing-with-the-product'],
  ['apps/gateway/src/a.ts', 'emulators/llm/src/b.ts', 'the-product-stands-without-emulators-and-tools'],
] as const)('%s may not import %s', async ([from, to, rule]) => {
  const importText = `import { x } from '${'../'.repeat(from.split('/').length - 1)}${to}'\nexport const y = x`
  expect(await brokenRules({ [from]: importText, [to]: target })).toContain(rule)
})

test('an import of types alone counts as an import', async () => {
  const broken = await brokenRules({
    'libs/jobs/src/a.ts': `import type { X } from '../../store/src/b.ts'\nexport type Y = X`,
    'libs/store/src/b.ts': 'export type X = 1',
  })
  expect(broken).toContain('base-libs-stand-alone')
})

test.for([
  ['bullmq', 'libs/queue', 'libs/store'],
  ['pg', 'libs/store', 'apps/gateway'],
  ['kysely', 'libs/store', 'apps/worker-llm'],
  ['azure-devops-node-api', 'libs/ado', 'apps/worker-ado'],
  ['@anthropic-ai/sdk', 'libs/llm', 'apps/worker-llm'],
] as const)('%s is imported by %s and not by %s', async ([name, owner, other]) => {
  const text = `import * as x from '${name}'\nexport const y = x`
  const isAboutImporters = (rule: string) => /^only-.*-imports-/.test(rule)
  expect((await brokenRules({ [`${owner}/src/a.ts`]: text })).filter(isAboutImporters)).toEqual([])
  expect((await brokenRules({ [`${other}/src/a.ts`]: text })).filter(isAboutImporters)).toHaveLength(1)
})

test('a test may stand on emulators and test servers', async () => {
  const broken = await brokenRules({
    'libs/ado/src/a.test.ts': `import { x } from '../../../emulators/azure-devops/src/b.ts'\nexport const y = x`,
    'emulators/azure-devops/src/b.ts': target,
  })
  expect(broken).toEqual([])
})

test('a cycle is found, one of types alone is not', async () => {
  const b = `import { y } from './a.ts'\nexport const x = () => y`
  expect(
    await brokenRules({
      'libs/jobs/src/a.ts': `import { x } from './b.ts'\nexport const y = x`,
      'libs/jobs/src/b.ts': b,
    }),
  ).toEqual(['no-cycle'])
  const types = `import type { x } from './b.ts'\nexport const y = 1 as unknown as typeof x`
  expect(await brokenRules({ 'libs/jobs/src/a.ts': types, 'libs/jobs/src/b.ts': b })).toEqual([])
})

test('an import beside a `using` declaration is seen too', async () => {
  const broken = await brokenRules({
    'libs/jobs/src/a.ts': `export async function f() {
      await using read = await import('../../store/src/b.ts').then(({ open }) => open())
      return read
    }`,
    'libs/store/src/b.ts': 'export const open = () => ({ [Symbol.asyncDispose]: async () => {} })',
  })
  expect(broken).toContain('base-libs-stand-alone')
})
