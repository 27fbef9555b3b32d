import { randomBytes } from 'node:crypto'
import { newId } from '@letterlock/contract'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { foreignKeyStatement, keySettings } from './key-statement.ts'
import { type KeyStore, type KeyStoreOptions, openKeyStore } from './key-store.ts'
import * as keys from './keys.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const now = new Date('2026-11-22T09:30:00.123Z')
const digest = Buffer.alloc(32, 7)
const lookupOf = () => randomBytes(32).toString('hex')

let database: TestDatabase
const stores: KeyStore[] = []
beforeAll(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
})
afterAll(() => database.drop())

function open(options: Partial<KeyStoreOptions> = {}): KeyStore {
  const store = openKeyStore({ connectionString: database.connectionString, max: 4, applicationName: 'letterlock-test', ...options })
  stores.push(store)
  return store
}

/** @param lookup null: a key of our own */
async function importKey(lookup: string | null, { db } = database) {
  const [id, workspaceId, environmentId] = [newId('key'), newId('workspace'), newId('environment')]
  const facts = { name: 'Old', purpose: null, scopes: [], ipAllow: [], rateLimits: [], expiresAt: null, createdBy: null, now }
  await db.transaction().execute(async (tx) => {
    const environments = { liveEnvironmentId: environmentId, testEnvironmentId: newId('environment') }
    await workspaces.insertWorkspace(tx, { id: workspaceId, name: 'Acme', ...environments, now })
    const secret = { digest, pepperVersion: 'v1', ...(lookup !== null && { lookup }) }
    await keys.insertKey(tx, workspaceId, { id, ...facts, mode: 'live', environmentId, secret })
  })
  return { id, workspaceId }
}

describe('readForeignKey()', () => {
  test('answers null while no key was imported, and then the key of whichever lookup is known', async () => {
    const empty = await createTestDatabase()
    const store = open({ connectionString: empty.connectionString })
    const lookup = lookupOf()
    await importKey(null, empty)
    expect(await store.readForeignKey([lookup])).toEqual({ revision: 0, found: null })
    const key = await importKey(lookup, empty)
    for (const lookups of [[lookup], [lookupOf(), lookup], [lookup, lookupOf()]]) {
      expect((await store.readForeignKey(lookups)).found).toMatchObject({ id: key.id, workspaceId: key.workspaceId, secrets: [{ version: 1, digest }] })
    }
    expect((await store.readForeignKey([lookupOf()])).found).toBeNull()
    await store.close()
    stores.pop()
    await empty.drop()
  })

  test('gives each of many that ask at once its own key, and does not find by it what has another lookup', async () => {
    const lookups = Array.from({ length: 20 }, lookupOf)
    const ids = []
    for (const lookup of lookups) ids.push((await importKey(lookup)).id)
    const store = open()
    const found = await Promise.all(lookups.flatMap((lookup) => [store.readForeignKey([lookupOf(), lookup]), store.readForeignKey([lookupOf(), lookupOf()])]))
    expect(found.map((read) => read.found?.id)).toEqual(ids.flatMap((id) => [id, undefined]))
  })

  test('fetches for an unknown lookup by the same plan what a known one has: the key of the next lookup, or of the last', async () => {
    const lookup = `e${lookupOf().slice(1)}`
    await importKey(lookup)
    await importKey('f'.repeat(64))
    const client = new pg.Client({ connectionString: database.connectionString })
    await client.connect()
    await client.query([...keySettings.map((setting) => `set ${setting}`), `prepare k as ${foreignKeyStatement.text}`].join(';'))
    const read = async (asked: string) => {
      const explained = await client.query(`explain (analyze, costs off, timing off, summary off, buffers off) execute k ('{${asked}}')`)
      const { rows } = await client.query({ text: `execute k ('{${asked}}')`, rowMode: 'array' })
      return { plan: explained.rows.map((row) => row['QUERY PLAN'] as string).join('\n'), fetched: rows[0]?.[24] as string }
    }
    const known = await read(lookup)
    expect(known.plan).toContain('key_secrets_of_foreign_tokens')
    expect(known.plan).not.toMatch(/(Seq|Bitmap Heap) Scan on (keys|key_secrets|workspaces|roles|plans)/)
    const unknown = [await read(`${lookup.slice(0, -1)}!`), await read('g'.repeat(64))]
    expect(unknown.map(({ plan }) => plan)).toEqual([known.plan, known.plan])
    expect([known.fetched, ...unknown.map(({ fetched }) => fetched)]).toEqual([lookup, lookup, 'f'.repeat(64)])
    await client.end()
  })
})
