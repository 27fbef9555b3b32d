import { type AccessTokenId, newId } from '@letterlock/contract'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import * as accessTokens from './access-tokens.ts'
import { accessTokenStatement, keySettings } from './key-statement.ts'
import { openKeyStore } from './key-store.ts'
import * as keys from './keys.ts'
import { createTestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const { db, drop, connectionString } = await createTestDatabase({ max: 8, onQuery: (sql) => statements.add(sql) })
const store = openKeyStore({ connectionString, max: 2, applicationName: 'letterlock-test' })
afterAll(async () => {
  await store.close()
  await drop()
})

const now = new Date('2026-11-27T08:00:00.000Z')
const inMinutes = (minutes: number) => new Date(now.getTime() + minutes * 60_000)

async function createKey(change: { expiresAt?: Date; scopes?: string[] } = {}) {
  const [workspaceId, environmentId, id] = [newId('workspace'), newId('environment'), newId('key')]
  const facts = { name: 'CI', purpose: null, scopes: ['contacts:read', 'lists:read'], ipAllow: [], rateLimits: [], expiresAt: null, createdBy: null, now }
  await db.transaction().execute(async (tx) => {
    await workspaces.insertWorkspace(tx, { id: workspaceId, name: 'Acme', liveEnvironmentId: environmentId, testEnvironmentId: newId('environment'), now })
    const secret = { digest: Buffer.alloc(32, 1), pepperVersion: 'v1' }
    await keys.insertKey(tx, workspaceId, { id, ...facts, ...change, mode: 'live', environmentId, secret })
  })
  return { id, workspaceId }
}

async function createToken(keyId: Awaited<ReturnType<typeof createKey>>['id'], change: { scopes?: string[]; expiresAt?: Date } = {}) {
  const token = { id: newId('accessToken'), secretVersion: 1, digest: Buffer.alloc(32, 7), pepperVersion: 'v2', scopes: ['lists:read'], expiresAt: inMinutes(15), now, ...change }
  await accessTokens.insertAccessToken(db, keyId, token)
  return token
}

const read = async (id: AccessTokenId) => (await store.readAccessToken(id)).found

test('readAccessToken() answers the key with the token as its secret, no scope that either lacks, and the earlier end', async () => {
  expect(await read(newId('accessToken'))).toBeNull()
  const key = await createKey({ expiresAt: inMinutes(10) })
  const { id } = await createToken(key.id, { scopes: ['lists:read', 'contacts:write'] })
  expect(await read(id)).toMatchObject({
    id: key.id, workspaceId: key.workspaceId, status: 'active', scopes: ['lists:read'], expiresAt: inMinutes(10),
    secrets: [{ version: 1, digest: Buffer.alloc(32, 7), pepperVersion: 'v2', retiresAt: null }],
  })
  const longer = await createKey()
  expect(await read((await createToken(longer.id)).id)).toMatchObject({ expiresAt: inMinutes(15) })
  await db.updateTable('key_secrets').set({ retires_at: inMinutes(5) }).where('key_id', '=', longer.id).execute()
  expect(await read((await createToken(longer.id)).id)).toMatchObject({ secrets: [{ retiresAt: inMinutes(5) }] })
})

test('readAccessToken() gives each of many that ask at once its own', async () => {
  const made = []
  for (let turn = 0; turn < 20; turn++) made.push((await createKey()).id)
  const tokens = await Promise.all(made.map((id) => createToken(id)))
  const found = await Promise.all(tokens.flatMap(({ id }) => [read(id), read(newId('accessToken'))]))
  expect(found.map((key) => key?.id)).toEqual(made.flatMap((id) => [id, undefined]))
})

test('readAccessToken() fetches for an unknown id by the same plan what a known one has: the next token, or the last', async () => {
  const { id } = await createToken((await createKey()).id)
  const last = 'tok_7zzzzzzzzz7zzzzzzzzzzzzzzz' as AccessTokenId // the shape of an id
  await accessTokens.insertAccessToken(db, (await createKey()).id, { id: last, secretVersion: 1, digest: Buffer.alloc(32), pepperVersion: 'v1', scopes: [], expiresAt: now, now })
  const client = new pg.Client({ connectionString })
  await client.connect()
  await client.query([...keySettings.map((setting) => `set ${setting}`), `prepare k as ${accessTokenStatement.text}`].join(';'))
  const explained = async (asked: string) => {
    const { rows } = await client.query(`explain (analyze, costs off, timing off, summary off, buffers off) execute k ('{${asked}}')`)
    const fetched = await client.query({ text: `execute k ('{${asked}}')`, rowMode: 'array' })
    return { plan: rows.map((row) => row['QUERY PLAN'] as string).join('\n'), fetched: fetched.rows[0]?.[25] as string }
  }
  const known = await explained(id)
  expect(known.plan).toContain('access_tokens_pkey')
  expect(known.plan).not.toMatch(/(Seq|Bitmap Heap) Scan on (access_tokens|keys|key_secrets|workspaces|roles|plans)/)
  const unknown = [await explained(`${id.slice(0, -1)}!`), await explained('tok_8')]
  expect(unknown.map(({ plan }) => plan)).toEqual([known.plan, known.plan])
  expect([known.fetched, ...unknown.map(({ fetched }) => fetched)]).toEqual([id, id, last])
  await client.end()
})

test('revokeAccessToken() revokes a token of the key once, whoever else does; it is read as revoked', async () => {
  const key = await createKey()
  const { id } = await createToken(key.id)
  const revoke = (keyId: typeof key.id) => db.transaction().execute((tx) => accessTokens.revokeAccessToken(tx, keyId, { id, now }))
  expect(await revoke((await createKey()).id)).toBe(false)
  expect(await read(id)).toMatchObject({ status: 'active' })
  expect((await Promise.all(Array.from({ length: 8 }, () => revoke(key.id)))).filter(Boolean)).toHaveLength(1)
  expect(await read(id)).toMatchObject({ status: 'revoked' })
})

test('deleteExpiredTokens() deletes what expired before and nothing else', async () => {
  const key = await createKey()
  const [short, long] = [await createToken(key.id, { expiresAt: inMinutes(1) }), await createToken(key.id, { expiresAt: inMinutes(2) })]
  await accessTokens.deleteExpiredTokens(db, inMinutes(2))
  expect([await read(short.id), (await read(long.id))?.id]).toEqual([null, key.id])
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => sql.includes('access_tokens')).map((sql) => sql.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/access-tokens.sql')
})
