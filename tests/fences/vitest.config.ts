import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Each test starts real checkers; a loaded machine takes its time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    reporters: ['default', 'json'],
    outputFile: { json: '.reports/vitest.json' },
  },
})
