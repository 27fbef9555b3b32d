import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type KeyId, newId } from '@letterlock/contract'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { accessTokenStatement, foreignKeyStatement, importPrefixesStatement, keySettings, keyStatement } from './key-statement.ts'
import { type KeyStore, type KeyStoreOptions, openKeyStore } from './key-store.ts'
import * as keys from './keys.ts'
import * as revisions from './revisions.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import { openTcpProxy } from '../test/tcp-proxy.ts'
import * as workspaces from './workspaces.ts'

const now = new Date('2026-11-22T09:30:00.123Z')
const later = new Date('2026-11-22T10:30:00.000Z')
const applicationName = 'letterlock-key-store-test'
const digest = Buffer.alloc(32, 7)
const limit = (name: string) => ({ name, limit: '100/10s', burst: 20 })

let database: TestDatabase
const stores: KeyStore[] = []
beforeAll(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(stores.splice(0).map((store) => store.close()))
})
afterAll(() => database.drop())

function open(options: Partial<KeyStoreOptions> = {}): KeyStore {
  const store = openKeyStore({ connectionString: database.connectionString, max: 4, applicationName, ...options })
  stores.push(store)
  return store
}

function newKey(change: Partial<keys.NewKey> = {}): keys.NewKey {
  return {
    id: newId('key'), name: 'CI', purpose: null, scopes: ['contacts:read', 'lists:read'], ipAllow: ['10.0.0.0/8', '::1/128'],
    rateLimits: [limit('burst')], expiresAt: later, createdBy: null, now, secret: { digest, pepperVersion: 'v1' }, ...change,
  }
}

async function createKey(change: Partial<keys.NewKey> = {}, { db } = database) {
  const [workspaceId, environmentId] = [newId('workspace'), newId('environment')]
  const key = newKey(change)
  await db.transaction().execute(async (tx) => {
    const ids = { id: workspaceId, liveEnvironmentId: environmentId, testEnvironmentId: newId('environment') }
    await workspaces.insertWorkspace(tx, { ...ids, name: 'Acme', now })
    await keys.insertKey(tx, workspaceId, { ...key, mode: 'live', environmentId })
  })
  return { id: key.id, workspaceId, environmentId }
}

/** Gives a key a role, its workspace limits and a plan. */
async function addPolicy({ id, workspaceId }: { id: KeyId; workspaceId: string }, roleScopes: string[]) {
  const [roleId, planId] = [newId('role'), newId('plan')]
  const { db } = database
  const times = { created_at: now, updated_at: now }
  await db.insertInto('roles').values({ id: roleId, workspace_id: workspaceId, name: 'Reader', scopes: roleScopes, ...times }).execute()
  await db.insertInto('plans').values({ id: planId, name: planId, rate_limits: JSON.stringify([limit('plan')]), ...times }).execute()
  await db.updateTable('keys').set({ role_id: roleId }).where('id', '=', id).execute()
  await db
    .updateTable('workspaces')
    .set({ plan_id: planId, rate_limits: JSON.stringify([limit('workspace')]) })
    .where('id', '=', workspaceId)
    .execute()
  return { roleId, planId }
}

function valuesOf(call: unknown[] | undefined): unknown {
  const [config] = call ?? []
  return (config as pg.QueryConfig).values
}

/** Ends all backends of the store and waits until they are gone; how many there were. */
async function terminate(): Promise<number> {
  const { rows } = await sql<{ ended: boolean }>`
    select pg_terminate_backend(pid, 5000) as ended from pg_stat_activity
    where application_name = ${applicationName} and datname = current_database()`.execute(database.db)
  return rows.filter(({ ended }) => ended).length
}

describe('readKey()', () => {
  test('answers null from a table without keys, and the first key as soon as there is one', async () => {
    const empty = await createTestDatabase()
    const store = open({ connectionString: empty.connectionString })
    const key = newKey()
    expect(await store.readKey(key.id)).toEqual({ revision: 0, found: null })
    await empty.db.transaction().execute((tx) => keys.insertRootKey(tx, key))
    expect(await store.readKey(key.id)).toMatchObject({ revision: 0, found: { id: key.id } })
    expect((await store.readKey(newId('key'))).found).toBeNull()
    await store.close()
    stores.pop()
    await empty.drop()
  })

  test('answers a key with its policy, the revision, and its secret', async () => {
    const key = await createKey()
    expect(await open().readKey(key.id)).toEqual({
      revision: await revisions.currentRevision(database.db),
      found: {
        id: key.id, name: 'CI', mode: 'live', status: 'active', workspaceStatus: 'active',
        workspaceId: key.workspaceId, environmentId: key.environmentId, roleId: null, planId: null,
        scopes: ['contacts:read', 'lists:read'], ipAllow: ['10.0.0.0/8', '::1/128'],
        rateLimits: [limit('burst')], workspaceRateLimits: [], planRateLimits: [],
        createdAt: now, expiresAt: later,
        secrets: [{ version: 1, digest, pepperVersion: 'v1', retiresAt: null }],
      },
    })
  })

  test('answers what role, workspace and plan add, each scope once', async () => {
    const key = await createKey()
    const { roleId, planId } = await addPolicy(key, ['lists:read', 'emails:send'])
    await database.db.updateTable('workspaces').set({ status: 'suspended' }).where('id', '=', key.workspaceId).execute()
    const { found } = await open().readKey(key.id)
    expect(found).toMatchObject({
      roleId, planId, workspaceStatus: 'suspended', scopes: ['contacts:read', 'lists:read', 'emails:send'],
      rateLimits: [limit('burst')], workspaceRateLimits: [limit('workspace')], planRateLimits: [limit('plan')],
    })
  })

  test('answers a root key, which has no workspace', async () => {
    const key = newKey({ scopes: [], ipAllow: [], rateLimits: [], expiresAt: null })
    await database.db.transaction().execute((tx) => keys.insertRootKey(tx, key))
    expect((await open().readKey(key.id)).found).toMatchObject({
      mode: 'root', workspaceId: null, environmentId: null, workspaceStatus: 'active', expiresAt: null,
      scopes: [], ipAllow: [], rateLimits: [], workspaceRateLimits: [], planRateLimits: [],
    })
  })

  test('reads text of any kind', async () => {
    const odd = ['a,b', 'c"d', 'e\\f', '{g}', 'NULL', 'h i', '', 'ü']
    const key = await createKey({ scopes: odd, name: 'O\'Brien "the\\key" \u{1f511}' })
    const { found } = await open().readKey(key.id)
    expect(found).toMatchObject({ scopes: odd, name: 'O\'Brien "the\\key" \u{1f511}' })
  })

  test('answers the newest 20 secrets, newest first', async () => {
    const key = await createKey()
    const versions = Array.from({ length: 24 }, (_, index) => index + 2)
    const more = versions.map((version) => ({
      key_id: key.id, version, digest: Buffer.alloc(32, version), pepper_version: 'v2', created_at: now, retires_at: later,
    }))
    await database.db.insertInto('key_secrets').values(more).execute()
    const { found } = await open().readKey(key.id)
    expect(found?.secrets.map(({ version }) => version)).toEqual(versions.toReversed().slice(0, 20))
    expect(found?.secrets[0]).toEqual({ version: 25, digest: Buffer.alloc(32, 25), pepperVersion: 'v2', retiresAt: later })
  })

  test('answers the revision of its own snapshot while keys change', async () => {
    const key = await createKey()
    const store = open()
    const start = await revisions.currentRevision(database.db)
    let isDone = false
    const changes = (async () => {
      for (let step = 1; step <= 100; step++) {
        await database.db.transaction().execute(async (tx) => {
          const revision = await revisions.raiseRevision(tx, [{ kind: 'key', id: key.id }], now)
          await tx.updateTable('keys').set({ name: `at ${revision}` }).where('id', '=', key.id).execute()
        })
      }
      isDone = true
    })()
    let reads = 0
    while (!isDone) {
      const { revision, found } = await store.readKey(key.id)
      if (revision > start) expect(found?.name).toBe(`at ${revision}`)
      reads++
    }
    await changes
    expect(reads).toBeGreaterThan(10)
  })
})

describe('reads of one turn', () => {
  test('are one statement, which answers each of them: known, unknown, twice, with several secrets', async () => {
    const [plain, rotated] = [await createKey(), await createKey({ name: 'rotated' })]
    const second = { key_id: rotated.id, version: 2, digest: Buffer.alloc(32, 2), pepper_version: 'v1', created_at: now }
    await database.db.insertInto('key_secrets').values(second).execute()
    const store = open()
    await store.readKey(plain.id)
    const query = vi.spyOn(pg.Client.prototype, 'query')
    const ids = [plain.id, newId('key'), rotated.id, plain.id, newId('key')]
    const reads = await Promise.all(ids.map((id) => store.readKey(id)))
    expect(query).toHaveBeenCalledTimes(1)
    expect(reads.map(({ found }) => found?.id)).toEqual([plain.id, undefined, rotated.id, plain.id, undefined])
    expect(reads.map(({ found }) => found?.secrets.map(({ version }) => version))).toEqual([[1], undefined, [2, 1], [1], undefined])
    expect(new Set(reads.map(({ revision }) => revision)).size).toBe(1)
  })

  test('are shared out over connections when there are many', async () => {
    const key = await createKey()
    const store = open()
    await store.readKey(key.id)
    const query = vi.spyOn(pg.Client.prototype, 'query')
    const reads = await Promise.all(Array.from({ length: 40 }, () => store.readKey(key.id)))
    expect(reads.filter(({ found }) => found?.id === key.id)).toHaveLength(40)
    const sizes = query.mock.calls.map((call) => (valuesOf(call) as string[][])[0]?.length ?? 0)
    expect(sizes.toSorted((one, other) => one - other)).toEqual([8, 16, 16])
  })
})

describe('an unknown id', () => {
  test('is answered by null', async () => {
    await createKey()
    expect((await open().readKey(newId('key'))).found).toBeNull()
  })

  test('takes the statement, the round trip and the rows of a known one', async () => {
    const key = await createKey()
    const store = open({ max: 1 })
    await store.readKey(key.id)
    const query = vi.spyOn(pg.Client.prototype, 'query')
    for (const id of [key.id, newId('key')]) await store.readKey(id)
    const [known, unknown] = query.mock.calls.map(([config]) => config as unknown as pg.QueryConfig)
    expect(query).toHaveBeenCalledTimes(2)
    expect({ ...unknown, values: null }).toEqual({ ...known, values: null })
  })

  test('fetches by primary keys what a known one does: the next key, or the last', async () => {
    const key = await createKey()
    const client = new pg.Client({ connectionString: database.connectionString })
    await client.connect()
    await client.query([...keySettings.map((setting) => `set ${setting}`), `prepare k as ${keyStatement.text}`].join(';'))
    const read = async (id: string): Promise<{ plan: string; fetched: string }> => {
      const explained = await client.query(`explain (analyze, costs off, timing off, summary off, buffers off) execute k ('{${id}}')`)
      const { rows } = await client.query({ text: `execute k ('{${id}}')`, rowMode: 'array' })
      return { plan: explained.rows.map((row) => row['QUERY PLAN'] as string).join('\n'), fetched: rows[0]?.[2] as string }
    }
    const known = await read(key.id)
    expect(known.plan).toContain('Index Scan using keys_pkey on keys')
    expect(known.plan).not.toMatch(/(Seq|Bitmap Heap) Scan on (keys|key_secrets|workspaces|roles|plans)|keys_of_/)
    for (const id of [key.id.slice(0, -1), newId('key')]) expect(await read(id)).toEqual(known)
    await client.end()
  })
})

describe('a broken connection', () => {
  const statements = (count: number) => count * 16 // reads at once that make so many of them

  test('is not noticed by a read after all backends were terminated', async () => {
    const key = await createKey()
    const store = open()
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: statements(4) }, () => store.readKey(key.id)))
      expect(await terminate()).toBe(4)
      const reads = await Promise.all(Array.from({ length: statements(8) }, () => store.readKey(key.id)))
      for (const { found } of reads) expect(found?.id).toBe(key.id)
    }
  })

  test('is not noticed by a read when it was cut just now', async () => {
    const key = await createKey()
    const proxy = await openTcpProxy(database.connectionString)
    const store = open({ connectionString: proxy.connectionString })
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: statements(4) }, () => store.readKey(key.id)))
      proxy.cut() // the store has not heard of it when it is asked
      const reads = await Promise.all(Array.from({ length: statements(12) }, () => store.readKey(key.id)))
      for (const { found } of reads) expect(found?.id).toBe(key.id)
    }
    proxy.close()
  })

  test('is given up when it hangs, and a new one serves the next read', async () => {
    const key = await createKey()
    const proxy = await openTcpProxy(database.connectionString)
    const store = open({ connectionString: proxy.connectionString, max: 1 })
    await store.readKey(key.id)
    proxy.hang()
    const started = performance.now()
    await expect(store.readKey(key.id)).rejects.toThrow('timeout')
    expect(performance.now() - started).toBeLessThan(1_500)
    expect((await store.readKey(key.id)).found?.id).toBe(key.id)
    proxy.close()
  })

  test('is told to onIdleError when nobody asks', async () => {
    const broken = Promise.withResolvers<Error>()
    const key = await createKey()
    const store = open({ onIdleError: broken.resolve })
    await store.readKey(key.id)
    await terminate()
    await broken.promise
    expect((await store.readKey(key.id)).found?.id).toBe(key.id)
  })

  test('is replaced after its deadline when a lock is in the way', async () => {
    const key = await createKey()
    const store = open({ max: 1 })
    await store.readKey(key.id)
    await database.db.transaction().execute(async (tx) => {
      await sql`lock table keys in access exclusive mode`.execute(tx)
      const started = performance.now()
      await expect(store.readKey(key.id)).rejects.toThrow(/timeout/)
      expect(performance.now() - started).toBeLessThan(1_500)
    })
    expect((await store.readKey(key.id)).found?.id).toBe(key.id)
  })
})

test('readKey() rejects within its deadline when the server accepts and says nothing', async () => {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  const store = open({ connectionString: `postgres://nobody:x@127.0.0.1:${port}/none` })
  const started = performance.now()
  await expect(store.readKey(newId('key'))).rejects.toThrow(/timeout/)
  expect(performance.now() - started).toBeLessThan(1_200)
  await Promise.all(sockets.map(async (socket) => socket.closed || once(socket.resume(), 'close')))
  server.close()
})

test('readKey() rejects at once when nobody listens', async () => {
  await expect(open({ connectionString: 'postgres://nobody:x@127.0.0.1:1/none' }).readKey(newId('key'))).rejects.toThrow('ECONNREFUSED')
})

test('the statements sent are those of the snapshot', async () => {
  const texts = [keyStatement, foreignKeyStatement, accessTokenStatement, importPrefixesStatement].map(({ text }) => text)
  await expect(`${texts.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/key-store.sql')
})
