import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyEdit } from '@code-agent/patch/apply'
import { textTree } from '@code-agent/patch/source-tree'
import { applyPatch, createTwoFilesPatch } from 'diff'
import { type Figure, figure, type Measure, percentile } from '../figure.ts'

/** Placing and applying a well-formed patch, by the size of the file; the baselines are handed the same patch. */
export const measurePatches: Measure = async ({ effort, say }) => {
  const sizes = effort === 'quick' ? [10_000] : [10_000, 100_000, 1_000_000, 5_000_000]
  return sizes.flatMap(bytes => {
    say(`patches of ${bytes.toLocaleString('en')} bytes`)
    return bySize(bytes, effort === 'quick' ? 20 : 60)
  })
}

function bySize(bytes: number, rounds: number): Figure[] {
  const before = sourceText(bytes)
  const after = before.replace(/value(\d+)/g, 'result$1')
  const lines = before.split('\n')
  const changed = after.split('\n').map((line, n) => (n % Math.ceil(lines.length / 20) < 2 ? line : (lines[n] ?? line)))
  const patch = createTwoFilesPatch('a/file.ts', 'b/file.ts', before, changed.join('\n'))
  const tree = textTree(new Map([['file.ts', before]]))
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < rounds; round++) {
    theirs.push(timed(() => applyPatch(before, patch)))
    ours.push(
      timed(() => {
        const result = applyEdit({ files: tree, text: patch })
        if (!result.ok) throw new Error(result.reason)
      }),
    )
  }
  const label = `${bytes / 1_000} kB`
  const git = gitApply(before, patch, Math.min(rounds, 10))
  return [
    figure({
      name: `apply a patch, ${label}, p50`,
      value: percentile(ours, 0.5),
      unit: 'ms',
      baseline: percentile(theirs, 0.5),
      target: '≤ 3 × jsdiff',
    }),
    figure({
      name: `apply a patch, ${label}, p99`,
      value: percentile(ours, 0.99),
      unit: 'ms',
      baseline: percentile(theirs, 0.99),
      target: '≤ 3 × jsdiff',
    }),
    figure({
      name: `apply a patch, ${label}, p50 against git apply`,
      value: percentile(ours, 0.5),
      unit: 'ms',
      baseline: percentile(git, 0.5),
      target: 'stated',
    }),
  ]
}

/** Its own process each time, as an installation would have to call it. */
function gitApply(before: string, patch: string, rounds: number): number[] {
  const dir = mkdtempSync(join(tmpdir(), 'bench-apply-'))
  try {
    writeFileSync(join(dir, 'edit.patch'), patch)
    return Array.from({ length: rounds }, () => {
      writeFileSync(join(dir, 'file.ts'), before)
      return timed(() => execFileSync('git', ['apply', 'edit.patch'], { cwd: dir }))
    })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function timed(work: () => unknown): number {
  const started = performance.now()
  work()
  return performance.now() - started
}

function sourceText(bytes: number): string {
  const lines: string[] = []
  for (let n = 0, size = 0; size < bytes; n++) {
    const line = `  const value${n} = compute(${n % 17}, '${(n * 2_654_435_761) % 99_991}')`
    lines.push(line)
    size += line.length + 1
  }
  return `${lines.join('\n')}\n`
}
