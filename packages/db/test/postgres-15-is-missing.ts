import { expect, test } from 'vitest'

/** Stands in for the whole PostgreSQL 15 run where Debian's `postgresql-15` is not installed. */
test.skipIf(!process.env.CI)('PostgreSQL 15 is not installed', () => {
  expect.fail('CI runs the database tests on PostgreSQL 15 too: apt-get install postgresql-15')
})
