import { createTestDatabase, type TestDatabase } from '@letterlock/db/testing'
import { newId, type OperationId } from '@letterlock/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { handlers } from '../api/handlers.ts'
import { execute } from './execute.ts'
import type { Call } from './handler.ts'
import { WriteTurns } from './write-turns.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('execute() refuses a write whose turn does not come with 503 and Retry-After, and lets reads pass', async () => {
  const writeTurns = new WriteTurns({ atOnce: 0, waitMs: 1 })
  const run = (operationId: OperationId, parsed: object) => {
    const call = { operationId, principal: { environmentId: newId('environment') }, requestId: newId('request'), ip: '192.0.2.1', now: new Date() }
    return execute({ db: database.db, handlers, writeTurns, settle: async () => undefined }, { ...call, params: {}, query: {}, body: undefined, idempotencyKey: undefined, ...parsed } as unknown as
      Call<OperationId> & { operationId: OperationId; idempotencyKey: undefined }) // what these two read of a call
  }
  expect(await run('lists.create', { body: { name: 'News' } })).toMatchObject({ failure: 'unavailable', retryAfterSeconds: 2 })
  expect(await database.db.selectFrom('lists').selectAll().execute()).toEqual([])
  expect(await run('lists.list', { query: { limit: 10 } })).toMatchObject({ status: 200 })
})
