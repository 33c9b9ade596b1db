import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{apps,bull-board,emulators,libs,tools}/**/*.test.ts'],
    globalSetup: ['tools/test-global-setup.ts'],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
