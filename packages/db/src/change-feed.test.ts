import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ChangeFeed, type ChangeFeedOptions, openChangeFeed } from './change-feed.ts'
import { changesStatement, readChanges } from './change-statement.ts'
import * as revisions from './revisions.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import { openTcpProxy } from '../test/tcp-proxy.ts'

const now = new Date('2026-11-22T09:30:00.000Z')
let applicationName = '' // of one test, so that none sees what another left a moment ago
const never = new AbortController().signal

let database: TestDatabase
const feeds: ChangeFeed[] = []
beforeAll(async () => {
  database = await createTestDatabase({ max: 20 })
})
beforeEach(({ task }) => void (applicationName = `feed ${task.id}`))
afterEach(() => Promise.all(feeds.splice(0).map((feed) => feed.close())))
afterAll(() => database.drop())

function open(options: Partial<ChangeFeedOptions> = {}): ChangeFeed {
  const feed = openChangeFeed({ connectionString: database.connectionString, applicationName, ...options })
  feeds.push(feed)
  return feed
}

function raise(id: string, kind: revisions.Change['kind'] = 'key'): Promise<number> {
  return database.db.transaction().execute((tx) => revisions.raiseRevision(tx, [{ kind, id }], now))
}

async function currentRevision(): Promise<number> {
  return revisions.currentRevision(database.db)
}

async function countBackends(): Promise<number> {
  const { rows } = await sql`
    select 1 from pg_stat_activity where application_name = ${applicationName} and datname = current_database()`.execute(database.db)
  return rows.length
}

/** Ends the feed's backend and waits until it is gone. */
async function terminate(): Promise<void> {
  const { rows } = await sql<{ ended: boolean }>`
    select pg_terminate_backend(pid, 5000) as ended from pg_stat_activity
    where application_name = ${applicationName} and datname = current_database()`.execute(database.db)
  expect(rows).toEqual([{ ended: true }])
}

test('poll() answers the revision, and what changed after one that was seen', async () => {
  const feed = open()
  const revision = await currentRevision()
  expect(await feed.poll(null, never)).toMatchObject({ revision, changes: 'all' })
  expect(await feed.poll(revision, never)).toMatchObject({ revision, changes: [] })
  await raise('key_b')
  await raise('role_a', 'role')
  const changes = [{ kind: 'key', id: 'key_b' }, { kind: 'role', id: 'role_a' }]
  expect(await feed.poll(revision, never)).toMatchObject({ revision: revision + 2, changes })
  expect(await revisions.listChanges(database.db, revision)).toMatchObject({ revision: revision + 2, changes })
})

test('poll() answers all for a revision that another history has the number of, as after a failover that lost changes', async () => {
  const feed = open()
  const before = await raise('key_before')
  const seen = await revisions.listChanges(database.db, before)
  const lost = await raise('key_lost')
  const { stamp } = await feed.poll(lost, never)
  // the change was not replicated yet: the standby that is the primary now has another one under its number
  await sql`delete from change_log where revision = ${lost}`.execute(database.db)
  await sql`update revisions set revision = ${before}, stamp = ${seen.stamp}`.execute(database.db)
  expect(await raise('key_other')).toBe(lost)
  expect(await feed.poll(lost, never, stamp)).toMatchObject({ revision: lost, changes: 'all' })
  await raise('key_later')
  expect(await feed.poll(lost, never, stamp)).toMatchObject({ revision: lost + 1, changes: 'all' })
  expect(await revisions.listChanges(database.db, lost, stamp)).toMatchObject({ changes: 'all' })
  const changes = [{ kind: 'key', id: 'key_other' }, { kind: 'key', id: 'key_later' }]
  expect(await feed.poll(before, never, seen.stamp)).toMatchObject({ changes })
  const latest = await feed.poll(null, never)
  expect(await feed.poll(latest.revision, never, latest.stamp)).toEqual({ ...latest, changes: [] })
})

test('poll() answers all for a revision of the future, as after a restore', async () => {
  const revision = await currentRevision()
  expect(await open().poll(revision + 1, never)).toMatchObject({ revision, changes: 'all' })
  expect(await revisions.listChanges(database.db, revision + 1)).toMatchObject({ revision, changes: 'all' })
})

test('poll() misses no change of 20 transactions at once, whenever it asks', async () => {
  const feed = open()
  const start = await currentRevision()
  const seen: string[] = []
  let at = start
  let isDone = false
  const poll = async (): Promise<void> => {
    const { revision, changes } = await feed.poll(at, never)
    if (changes === 'all') throw new Error('nothing was pruned')
    expect(changes).toHaveLength(revision - at) // one change a revision: no gap within the answer either
    seen.push(...changes.map(({ id }) => id))
    at = revision
  }
  const polls = (async () => {
    while (!isDone) await poll()
  })()
  const expected: [number, string][] = []
  await Promise.all(
    Array.from({ length: 20 }, async (_, writer) => {
      for (let step = 0; step < 10; step++) {
        const id = `key_${writer}_${step}`
        expected.push([await raise(id), id])
      }
    }),
  )
  isDone = true
  await polls
  await poll()
  const inOrder = expected.toSorted(([one], [other]) => one - other)
  expect(inOrder.map(([revision]) => revision)).toEqual(expected.map((_, index) => start + index + 1))
  expect(seen).toEqual(inOrder.map(([, id]) => id))
})

test('onNotify is called after the commit, and a poll then sees the change', async () => {
  let notified = 0
  const heard = Promise.withResolvers<void>()
  const feed = open({ onNotify: () => (notified++, heard.resolve()) })
  const { revision } = await feed.poll(null, never)
  await database.db.transaction().execute(async (tx) => {
    await revisions.raiseRevision(tx, [{ kind: 'key', id: 'key_c' }], now)
    // whatever the server would have sent before the commit has come when it answers twice more
    expect(await feed.poll(revision, never)).toMatchObject({ revision, changes: [] })
    expect(await feed.poll(revision, never)).toMatchObject({ revision, changes: [] })
    expect(notified).toBe(0)
  })
  await heard.promise
  expect(await feed.poll(revision, never)).toMatchObject({ revision: revision + 1, changes: [{ kind: 'key', id: 'key_c' }] })
  expect(notified).toBe(1)
})

test('onNotify is not called for a transaction that was rolled back', async () => {
  let notified = 0
  const feed = open({ onNotify: () => notified++ })
  const { revision } = await feed.poll(null, never)
  const work = database.db.transaction().execute(async (tx) => {
    await revisions.raiseRevision(tx, [{ kind: 'key', id: 'key_d' }], now)
    throw new Error('changed my mind')
  })
  await expect(work).rejects.toThrow('changed my mind')
  expect(await feed.poll(revision, never)).toMatchObject({ revision, changes: [] })
  expect(notified).toBe(0)
})

test('poll() connects and listens again after its backend was terminated', async () => {
  const [broken, heard] = [Promise.withResolvers<Error>(), Promise.withResolvers<void>()]
  const feed = open({ onError: broken.resolve, onNotify: heard.resolve })
  const { revision } = await feed.poll(null, never)
  await terminate()
  await broken.promise
  expect(await feed.poll(revision, never)).toMatchObject({ revision, changes: [] })
  await raise('key_e')
  await heard.promise
})

test('poll() throws when its backend is terminated while it asks, and the next one connects again', async () => {
  const errors: Error[] = []
  const feed = open({ onError: (error) => errors.push(error) })
  const { revision } = await feed.poll(null, never)
  await database.db.transaction().execute(async (tx) => {
    await sql`lock table change_log in access exclusive mode`.execute(tx)
    const failure = feed.poll(revision, never).then(() => null, (error: Error) => error.message)
    await terminate()
    expect(await failure).toMatch(/terminat/)
  })
  expect(errors).toEqual([])
  expect(await feed.poll(revision, never)).toMatchObject({ revision, changes: [] })
})

test('poll() throws when its connection is cut while it asks, and onError says nothing of it', async () => {
  const errors: Error[] = []
  const proxy = await openTcpProxy(database.connectionString)
  const feed = open({ connectionString: proxy.connectionString, onError: (error) => errors.push(error) })
  const { revision } = await feed.poll(null, never)
  await database.db.transaction().execute(async (tx) => {
    await sql`lock table change_log in access exclusive mode`.execute(tx)
    const failure = feed.poll(revision, never).then(() => null, (error: Error) => error)
    proxy.cut()
    expect(await failure).toBeInstanceOf(Error)
  })
  expect(await feed.poll(revision, never)).toMatchObject({ revision, changes: [] })
  proxy.hang()
  await expect(feed.poll(revision, AbortSignal.timeout(50))).rejects.toThrow('timeout')
  expect(await feed.poll(revision, never)).toMatchObject({ revision, changes: [] })
  expect(errors).toEqual([])
  proxy.close()
})

test('poll() ends with its signal, and leaves no connection behind', async () => {
  const feed = open()
  const { revision } = await feed.poll(null, never)
  await database.db.transaction().execute(async (tx) => {
    await sql`lock table change_log in access exclusive mode`.execute(tx)
    await expect(feed.poll(revision, AbortSignal.timeout(50))).rejects.toThrow('timeout')
  })
  expect(await feed.poll(revision, never)).toMatchObject({ revision, changes: [] })
  await expect.poll(countBackends, { timeout: 10_000 }).toBe(1)
  await expect(feed.poll(revision, AbortSignal.abort())).rejects.toThrow('aborted')
})

test('poll() gives a server up that accepts and says nothing', async () => {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  const feed = open({ connectionString: `postgres://nobody:x@127.0.0.1:${port}/none` })
  const started = performance.now()
  await expect(feed.poll(null, never)).rejects.toThrow('timeout')
  expect(performance.now() - started).toBeLessThan(1_000)
  await expect(feed.poll(null, AbortSignal.timeout(50))).rejects.toThrow('timeout')
  expect(performance.now() - started).toBeLessThan(1_500)
  await Promise.all(sockets.map(async (socket) => socket.closed || once(socket.resume(), 'close')))
  expect(sockets).toHaveLength(2)
  server.close()
})

test('poll() throws after close()', async () => {
  const feed = open()
  await feed.poll(null, never)
  await feed.close()
  await expect(feed.poll(null, never)).rejects.toThrow('closed')
})

test('readChanges() refuses what a standby answers', () => {
  const row = { revision: 3, stamp: 's', is_known: true, pruned_through: 0, is_standby: true, kind: null, id: null }
  expect(() => readChanges([row], 3)).toThrow('standby')
  expect(readChanges([{ ...row, is_standby: false }], 3)).toEqual({ revision: 3, stamp: 's', changes: [] })
})

test('the statement sent is that of the snapshot', async () => {
  await expect(`${changesStatement};\n`).toMatchFileSnapshot('../sql-snapshots/change-feed.sql')
})
