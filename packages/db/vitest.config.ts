import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const postgres15 = '/usr/lib/postgresql/15/bin'
const globalSetup = './src/testing/global-setup.ts'
const include = ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts']

export default defineConfig({
  test: {
    reporters: ['default', 'json'],
    outputFile: { json: '.reports/vitest.json' },
    projects: [
      { test: { name: 'postgres-18', include, globalSetup, sequence: { groupOrder: 0 } } },
      existsSync(`${postgres15}/postgres`)
        ? {
            test: {
              name: 'postgres-15',
              include,
              globalSetup,
              provide: { letterlockPostgresBinDir: postgres15 },
              sequence: { groupOrder: 0 },
            },
          }
        : { test: { name: 'postgres-15', include: ['src/testing/postgres-15-is-missing.ts'] } },
    ],
  },
})
