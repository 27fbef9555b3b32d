import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // A cold runtime on a loaded machine takes its time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', 'json'],
    outputFile: { json: '.reports/vitest.json' },
  },
})
