import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{apps,bull-board,emulators,libs,tools}/**/*.test.ts'],
    globalSetup: ['tools/test-global-setup.ts'],
    // Most tests wait for servers; more than four at once only make each other's timings worse.
    maxWorkers: Math.max(2, Math.min(availableParallelism(), 4)),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
