import type { TestModule, Vitest } from 'vitest/node'

export type TestCounts = { passed: number; failed: number; skipped: number }

/** Counts a finished run; a file that does not load, a failed hook and an error outside any test each are a failure. */
export function countTests(vitest: Vitest): TestCounts {
  const counts = { passed: 0, failed: vitest.state.getUnhandledErrors().length, skipped: 0 }
  for (const module of vitest.state.getTestModules()) countModule(module, counts)
  return counts
}

function countModule(module: TestModule, counts: TestCounts): void {
  const before = counts.failed
  counts.failed += module.errors().length > 0 ? 1 : 0
  for (const suite of module.children.allSuites()) counts.failed += suite.errors().length > 0 ? 1 : 0
  for (const test of module.children.allTests()) {
    const { state } = test.result()
    // Still pending at the end: the worker died under it.
    counts[state === 'pending' ? 'failed' : state] += 1
  }
  if (!module.ok() && counts.failed === before) counts.failed += 1
}

/** The closing line, which scripts read: `3 passed, 0 failed`, with `, 1 skipped` when there are any. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** Nothing failed, and something was run at all. */
export function isSuccess({ passed, failed }: TestCounts): boolean {
  return failed === 0 && passed > 0
}
