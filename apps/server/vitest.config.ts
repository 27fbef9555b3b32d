import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['@letterlock/db/testing/global-setup'],
    reporters: ['default', 'json'],
    outputFile: { json: '.reports/vitest.json' },
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
