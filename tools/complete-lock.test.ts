import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'

const Lock = z.object({ packages: z.record(z.string(), z.record(z.string(), z.unknown())) })

let project: string
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'code-agent-complete-'))
  mkdirSync(join(project, 'tools'))
  for (const name of ['complete-lock.mjs', 'installation.mjs']) {
    cpSync(join(import.meta.dirname, name), join(project, 'tools', name))
  }
})
afterEach(() => rmSync(project, { recursive: true }))

const lockFile = () => join(project, 'package-lock.json')
const script = () => join(project, 'tools', 'complete-lock.mjs')

function complete(optionalDependencies: Record<string, string>) {
  const packages = {
    '': { name: 'x' },
    'node_modules/a': { version: '1.0.0', optionalDependencies },
    'node_modules/a-linux-x64': { version: '1.0.0', integrity: 'sha512-x' },
    'node_modules/b': { version: '1.0.0' },
  }
  writeFileSync(lockFile(), JSON.stringify({ lockfileVersion: 3, packages }))
  execFileSync('node', [script()], { stdio: 'ignore' })
  return Lock.parse(JSON.parse(readFileSync(lockFile(), 'utf8'))).packages
}

test('a platform package that npm left out gets a stub for its platform, in npm’s order', () => {
  const packages = complete({
    'a-linux-x64': '1.0.0',
    'a-darwin-arm64': '^1.0.0',
    'a-linux-arm64-musl': '1.0.0',
    'a-wasm32-wasi': '1.0.0',
  })
  expect(packages['node_modules/a-darwin-arm64']).toEqual({
    version: '1.0.0',
    cpu: ['arm64'],
    optional: true,
    os: ['darwin'],
  })
  expect(packages['node_modules/a-linux-arm64-musl']).toMatchObject({ libc: ['musl'], os: ['linux'], cpu: ['arm64'] })
  expect(packages['node_modules/a-wasm32-wasi']).toMatchObject({ cpu: ['wasm32'] })
  expect(packages['node_modules/a-linux-x64']).toHaveProperty('integrity')
  expect(Object.keys(packages)).toEqual(Object.keys(packages).toSorted((a, b) => a.localeCompare(b, 'en')))
})

test('a complete lock is left as it is', () => {
  complete({ 'a-linux-x64': '1.0.0' })
  expect(readFileSync(lockFile(), 'utf8')).not.toContain('\n')
})

test('a missing package without a platform is refused: every machine would try to install it', () => {
  expect(() => complete({ plain: '1.0.0' })).toThrow()
  expect(spawnSync('node', [script()], { encoding: 'utf8' }).stderr).toContain('no platform in the name')
})
