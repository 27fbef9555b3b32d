import { createTestDatabase, type TestDatabase } from '@letterlock/db/testing'
import { newId, type OperationId } from '@letterlock/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { handlers } from '../api/handlers.ts'
import { execute, type Recheck } from './execute.ts'
import { failure } from './failure.ts'
import type { Call } from './handler.ts'
import { WriteTurns } from './write-turns.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const environmentId = newId('environment')

function run(operationId: OperationId, parsed: object, { writeTurns, recheck = async () => null }: { writeTurns: WriteTurns; recheck?: Recheck }) {
  const call = { operationId, principal: { environmentId }, requestId: newId('request'), ip: '192.0.2.1', now: new Date() }
  return execute(
    { db: database.db, handlers, writeTurns, settle: async () => undefined },
    { ...call, params: {}, query: {}, body: undefined, idempotencyKey: undefined, ...parsed } as unknown as
      Call<OperationId> & { operationId: OperationId; idempotencyKey: undefined }, // what these two read of a call
    recheck,
  )
}

const lists = () => database.db.selectFrom('lists').selectAll().execute()

test('execute() refuses a write whose turn does not come with 503 and Retry-After, and lets reads pass', async () => {
  const writeTurns = new WriteTurns({ atOnce: 0, waitMs: 1 })
  expect(await run('lists.create', { body: { name: 'News' } }, { writeTurns })).toMatchObject({ failure: 'unavailable', retryAfterSeconds: 2 })
  expect(await lists()).toEqual([])
  expect(await run('lists.list', { query: { limit: 10 } }, { writeTurns })).toMatchObject({ status: 200 })
})

test('execute() asks for the right once more when the turn has come, and does nothing for who lost it', async () => {
  const writeTurns = new WriteTurns({ atOnce: 1, waitMs: 10_000 })
  const before = Promise.withResolvers<void>()
  const running = writeTurns.run(environmentId, () => before.promise)
  let right = failure('revoked_key', 'It was revoked.') as ReturnType<typeof failure> | null
  const asked: string[] = []
  const recheck = async () => {
    asked.push('asked')
    return right
  }
  const waiting = run('lists.create', { body: { name: 'News' } }, { writeTurns, recheck })
  await new Promise(setImmediate)
  expect(asked).toEqual([])
  before.resolve()
  await running
  expect(await waiting).toMatchObject({ failure: 'revoked_key' })
  expect(await lists()).toEqual([])
  expect(await run('lists.list', { query: { limit: 10 } }, { writeTurns, recheck })).toMatchObject({ failure: 'revoked_key' })
  right = null
  expect(await run('lists.list', { query: { limit: 10 } }, { writeTurns, recheck })).toMatchObject({ status: 200 })
})
