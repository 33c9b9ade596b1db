// npm run check: the whole static gate. One line for each check; what is wrong stands above it.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { readBoundaries } from './boundaries.ts'
import { readHouseRules } from './house-rules.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')

type Finding = { note: string; problems: string }

const CommandFailure = z.object({ stdout: z.string(), stderr: z.string() })

/** A check that is a program: what it prints when it fails are the problems. */
function program(...[name = '', ...args]: string[]): () => Promise<Finding> {
  return async () => {
    try {
      await run(name, args, { cwd: root, maxBuffer: 64 * 1024 * 1024 })
      return { note: '', problems: '' }
    } catch (error) {
      const output = CommandFailure.safeParse(error)
      const text = output.success ? `${output.data.stdout}${output.data.stderr}`.trim() : ''
      return { note: '', problems: text || String(error) }
    }
  }
}

async function boundaries(): Promise<Finding> {
  const { sources, violations } = await readBoundaries(root)
  if (sources.length === 0) return { note: '', problems: 'no module was read, so nothing was checked' }
  return { note: `${sources.length} modules`, problems: violations.join('\n') }
}

async function houseRules(): Promise<Finding> {
  const { files, violations } = await readHouseRules(root)
  return { note: `${files} files`, problems: violations.join('\n') }
}

const checks: Record<string, () => Promise<Finding>> = {
  types: program('tsc', '-p', 'tsconfig.json', '--noEmit', '--pretty', 'false'),
  'format and lint': program('biome', 'check', '--error-on-warnings'),
  'lint with types, sizes': program('oxlint', '--type-aware', '--deny-warnings', '--format', 'unix'),
  boundaries,
  'dead code': program('knip', '--no-progress', '--no-config-hints'),
  'house rules': houseRules,
}

async function runCheck(name: string, check: () => Promise<Finding>): Promise<boolean> {
  const started = performance.now()
  const { note, problems } = await check().catch((error: unknown) => ({ note: '', problems: String(error) }))
  const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`
  const details = [seconds, note].filter(text => text !== '').join(', ')
  if (problems !== '') console.log(`\n${problems}`)
  console.log(`${problems === '' ? 'ok    ' : 'FAILED'} ${name} (${details})`)
  return problems === ''
}

const results = await Promise.all(Object.entries(checks).map(([name, check]) => runCheck(name, check)))
const failures = results.filter(passed => !passed).length
console.log(failures === 0 ? 'Everything is in order.' : `${failures} of ${results.length} checks failed.`)
process.exitCode = failures === 0 ? 0 : 1
