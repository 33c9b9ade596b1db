import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'

const run = promisify(execFile)

export const sourceFolders = ['apps', 'bull-board', 'emulators', 'libs', 'tools'] as const

const RULES = `${import.meta.dirname}/../.dependency-cruiser.mjs`
const OUTPUT_LIMIT_BYTES = 256 * 1024 * 1024

const CruiseResult = z.object({
  modules: z.array(z.object({ source: z.string() })),
  summary: z.object({
    violations: z.array(
      z.object({
        rule: z.object({ name: z.string() }),
        from: z.string(),
        to: z.string(),
        cycle: z.array(z.object({ name: z.string() })).optional(),
      }),
    ),
  }),
})

export type Boundaries = {
  /** Source files of ours that were read. Zero means that the tool was blind, not that all is well. */
  sources: string[]
  /** `rule: from → to`, one each. */
  violations: string[]
}

/** Holds the imports of the folders below `root` against .dependency-cruiser.mjs. */
export async function readBoundaries(root: string, folders: readonly string[] = sourceFolders): Promise<Boundaries> {
  const args = [...folders, '--config', RULES, '--output-type', 'json']
  // The JSON reporter's exit code is that of a program that worked, whatever it found.
  const { stdout } = await run('depcruise', args, { cwd: root, maxBuffer: OUTPUT_LIMIT_BYTES })
  const { modules, summary } = CruiseResult.parse(JSON.parse(stdout))
  return {
    sources: modules.map(({ source }) => source).filter(source => folders.some(name => source.startsWith(`${name}/`))),
    violations: summary.violations.map(({ rule, from, to, cycle }) => {
      const path = cycle ? cycle.map(({ name }) => name).join(' → ') : to
      return `${rule.name}: ${from} → ${path}`
    }),
  }
}
