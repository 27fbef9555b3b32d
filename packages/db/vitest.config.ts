import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const postgres15 = '/usr/lib/postgresql/15/bin'
const include = ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts']
const shared = {
  include,
  globalSetup: './src/testing/global-setup.ts',
  // A start of PostgreSQL takes its time on a busy machine.
  testTimeout: 60_000,
  hookTimeout: 60_000,
}

export default defineConfig({
  test: {
    reporters: ['default', 'json'],
    outputFile: { json: '.reports/vitest.json' },
    projects: [
      { test: { ...shared, name: 'postgres-18' } },
      existsSync(`${postgres15}/postgres`)
        ? {
            test: {
              ...shared,
              name: 'postgres-15',
              provide: { letterlockPostgresBinDir: postgres15 },
              // An embedded cluster is always the PostgreSQL that npm brings; any other is somebody else's to run.
              exclude: ['src/cluster.test.ts', 'src/cluster/**', 'src/testing/**', 'scripts/hash-migrations.test.ts'],
            },
          }
        : { test: { name: 'postgres-15', include: ['test/postgres-15-is-missing.ts'] } },
    ],
  },
})
