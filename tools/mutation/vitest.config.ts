import { defineConfig } from 'vitest/config'

/** The tests that mutants of libs/patch are judged by: pure and quick, without servers. */
export default defineConfig({
  test: {
    include: ['libs/patch/src/**/*.test.ts'],
    // Large files take seconds each, and the shared samples are not there everywhere.
    exclude: ['**/large-file.test.ts', '**/shared-samples.test.ts'],
    setupFiles: ['tools/mutation/few-runs.ts'],
    // The tests share no state, and a new worker for each file would cost more than the tests.
    isolate: false,
    testTimeout: 20_000,
  },
})
