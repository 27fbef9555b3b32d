import { randomBytes } from 'node:crypto'
import { newId } from '@letterlock/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tx } from './connect.ts'
import * as imports from './imports.ts'
import * as keys from './keys.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const now = new Date('2026-11-22T09:30:00.000Z')
const later = new Date('2026-11-23T09:30:00.000Z')

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ max: 10, onQuery: (sql) => statements.add(sql) })
})
afterAll(() => database.drop())

const inTx = <T>(work: (tx: Tx) => Promise<T>) => database.db.transaction().execute(work)

async function importKey() {
  const [id, workspaceId, environmentId] = [newId('key'), newId('workspace'), newId('environment')]
  const digest = randomBytes(32)
  const lookup = digest.toString('hex')
  const facts = { name: 'Old', purpose: null, scopes: [], ipAllow: [], rateLimits: [], expiresAt: null, createdBy: null, now }
  const imported = { externalId: 'legacy-7' }
  await inTx(async (tx) => {
    const environments = { liveEnvironmentId: environmentId, testEnvironmentId: newId('environment') }
    await workspaces.insertWorkspace(tx, { id: workspaceId, name: 'Acme', ...environments, now })
    await keys.insertKey(tx, workspaceId, { id, ...facts, mode: 'live', environmentId, imported, secret: { digest, pepperVersion: 'v1', lookup } })
  })
  return { id, workspaceId, digest, lookup }
}

const upgradeOf = (oldDigest: Buffer) => ({
  secretVersion: 1, oldDigest, digest: randomBytes(32), lookup: randomBytes(32).toString('hex'), pepperVersion: 'v2', now: later,
})

test('declarePrefix() says once that a prefix is new, and listPrefixes() has them in order', async () => {
  const declare = (prefix: string) => inTx((tx) => imports.declarePrefix(tx, prefix, { createdBy: 'key_root', now }))
  expect([await declare('sk_'), await declare('old-'), await declare('sk_')]).toEqual([true, true, false])
  expect(await imports.listPrefixes(database.db)).toEqual(['old-', 'sk_'])
})

test('lockImports() lets imports follow each other, while prefixes can be read', async () => {
  const [held, locked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const order: string[] = []
  const first = inTx(async (tx) => {
    await imports.lockImports(tx)
    locked.resolve()
    await held.promise
    order.push('first')
  })
  await locked.promise
  const second = inTx(async (tx) => {
    await imports.lockImports(tx)
    order.push('second')
  })
  expect(await imports.listPrefixes(database.db)).toEqual(expect.any(Array))
  held.resolve()
  await Promise.all([first, second])
  expect(order).toEqual(['first', 'second'])
})

test('findImportedKeys() finds keys by their lookups, and no others', async () => {
  const [one, other] = [await importKey(), await importKey()]
  const found = await inTx((tx) => imports.findImportedKeys(tx, [one.lookup, randomBytes(32).toString('hex')]))
  expect([...found]).toEqual([[one.lookup, { keyId: one.id, workspaceId: one.workspaceId, mode: 'live' }]])
  expect(await keys.findKey(database.db, other.workspaceId, other.id)).toMatchObject({ imported_at: now, upgraded_at: null, external_id: 'legacy-7' })
})

test('upgradeImportedKey() lets one of many win, and keeps the time of the first upgrade', async () => {
  const { id, workspaceId, digest } = await importKey()
  const moves = Array.from({ length: 8 }, () => upgradeOf(digest))
  const won = await Promise.all(moves.map((move) => imports.upgradeImportedKey(database.db, id, move)))
  expect(won.filter(Boolean)).toHaveLength(1)
  const winner = moves[won.indexOf(true)] ?? upgradeOf(digest)
  expect([...(await inTx((tx) => imports.findImportedKeys(tx, moves.map(({ lookup }) => lookup)))).keys()]).toEqual([winner.lookup])
  expect(await imports.upgradeImportedKey(database.db, id, { ...upgradeOf(Buffer.from(winner.digest)), now: new Date(0) })).toBe(true)
  expect((await keys.findKey(database.db, workspaceId, id))?.upgraded_at).toEqual(later)
})

test('upgradeImportedKey() changes no secret of our own', async () => {
  const digest = randomBytes(32)
  const facts = { name: 'Root', purpose: null, scopes: [], ipAllow: [], rateLimits: [], expiresAt: null, createdBy: null, now }
  const id = newId('key')
  await inTx((tx) => keys.insertRootKey(tx, { id, ...facts, secret: { digest, pepperVersion: 'v1' } }))
  expect(await imports.upgradeImportedKey(database.db, id, upgradeOf(digest))).toBe(false)
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /import_prefixes|lookup|upgraded_at = /.test(sql) && !/insert into "key_secrets"/.test(sql)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/imports.sql')
})
