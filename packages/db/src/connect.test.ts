import { Socket } from 'node:net'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openTcpProxy, type TcpProxy } from '../test/tcp-proxy.ts'
import { connect, type Db } from './connect.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
let proxy: TcpProxy
let db: Db
beforeAll(async () => {
  database = await createTestDatabase()
  proxy = await openTcpProxy(database.connectionString)
  db = connect({ connectionString: proxy.connectionString, max: 1, applicationName: 'connect-test', queryTimeoutMs: 300 })
})
afterAll(async () => {
  await db.destroy()
  proxy.close()
  await database.drop()
})

test('a statement fails when the database says nothing any more, and the next one has another connection', async () => {
  await sql`select 1`.execute(db)
  proxy.hang()
  await expect(sql`select 1`.execute(db)).rejects.toThrow('Query read timeout')
  await sql`select 1`.execute(db)
})

test('a transaction fails when the database says nothing any more, and its rollback waits for nothing', async () => {
  let startedAt = 0
  const work = db.transaction().execute(async (tx) => {
    await sql`select 1`.execute(tx)
    proxy.hang()
    startedAt = performance.now()
    await sql`select 1`.execute(tx)
  })
  await expect(work).rejects.toThrow(/Query read timeout|Client was closed/) // the rollback's word hides the statement's
  expect(performance.now() - startedAt).toBeLessThan(550)
  await sql`select 1`.execute(db)
})

test('connections are kept alive, so that an idle one notices that its host is gone', async () => {
  const keepAlive = vi.spyOn(Socket.prototype, 'setKeepAlive')
  const other = connect({ connectionString: database.connectionString, max: 1, applicationName: 'connect-test' })
  await sql`select 1`.execute(other)
  expect(keepAlive.mock.calls).toEqual([[true, expect.any(Number)]])
  keepAlive.mockRestore()
  await other.destroy()
})
