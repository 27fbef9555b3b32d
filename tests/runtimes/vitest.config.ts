import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: 'src/bare-project.ts',
    // A cold runtime on a loaded machine takes its time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The bundles for workerd and browsers have one place each.
    fileParallelism: false,
    reporters: ['default', 'json'],
    outputFile: { json: '.reports/vitest.json' },
  },
})
