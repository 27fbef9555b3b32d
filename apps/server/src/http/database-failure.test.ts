import { expect, test } from 'vitest'
import { databaseFailure } from './database-failure.ts'

test.each(['Query read timeout', 'Client was closed and is not queryable'])('databaseFailure() takes "%s" for a database that is out', (message) => {
  expect(databaseFailure(new Error(message))).not.toBeNull()
})
