import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    reporters: ['default', 'json'],
    outputFile: { json: '.reports/vitest.json' },
    testTimeout: 180_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
})
