import { newId } from '@letterlock/contract'
import { randomBytes } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import type { Tx } from './connect.ts'
import * as keys from './keys.ts'
import * as secretShares from './secret-shares.ts'
import { createTestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 8, onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const now = new Date('2026-11-27T08:00:00.000Z')
const expiresAt = new Date(now.getTime() + 60_000)
const inTx = <T>(work: (tx: Tx) => Promise<T>) => db.transaction().execute(work)

async function seed() {
  const workspaceId = newId('workspace')
  const environments = { liveEnvironmentId: newId('environment'), testEnvironmentId: newId('environment') }
  await inTx((tx) => workspaces.insertWorkspace(tx, { id: workspaceId, name: 'Acme', ...environments, now }))
  const keyId = newId('key')
  const facts = { purpose: null, owner: null, storedIn: null, scopes: [], roleId: null, ipAllow: [], rateLimits: [], expiresAt: null, createdBy: null }
  const key = { id: keyId, mode: 'live' as const, environmentId: environments.liveEnvironmentId, name: 'CI', ...facts, now }
  await inTx((tx) => keys.insertKey(tx, workspaceId, { ...key, secret: { digest: randomBytes(32), pepperVersion: 'v1' } }))
  const share = { id: newId('secretShare'), keyId, lookup: randomBytes(32), sealed: randomBytes(100), note: null, createdBy: 'key_root', expiresAt, now }
  await inTx((tx) => secretShares.insertShare(tx, workspaceId, share))
  return { workspaceId, keyId, share }
}

test('openShare() gives what is sealed to one of many at once, to nobody afterwards, and to no other workspace', async () => {
  const { workspaceId, share } = await seed()
  const opening = { id: share.id, ip: '192.0.2.1', now }
  expect(await inTx((tx) => secretShares.openShare(tx, newId('workspace'), opening))).toBeNull()
  const opened = await Promise.all(Array.from({ length: 8 }, () => inTx((tx) => secretShares.openShare(tx, workspaceId, opening))))
  expect(opened.filter((sealed) => sealed !== null)).toEqual([share.sealed])
  expect(await secretShares.findLinkedShare(db, share.lookup)).toMatchObject({ id: share.id, key_name: 'CI', opened_ip: '192.0.2.1', opened_at: now })
})

test('openShare() stays shut from the moment the share expires', async () => {
  const { workspaceId, share } = await seed()
  expect(await inTx((tx) => secretShares.openShare(tx, workspaceId, { id: share.id, ip: '192.0.2.1', now: expiresAt }))).toBeNull()
})

test('revokeShare() changes nothing of another workspace, and no list shows what is sealed', async () => {
  const { workspaceId, keyId, share } = await seed()
  await expect(inTx((tx) => secretShares.revokeShare(tx, newId('workspace'), { id: share.id, now }))).rejects.toThrow('no result')
  const [listed] = await secretShares.listShares(db, workspaceId, { limit: 1, keyId })
  expect(listed).toMatchObject({ id: share.id, key_id: keyId, revoked_at: null })
  expect(Object.keys(listed ?? {})).not.toContain('sealed')
  expect(Object.keys(listed ?? {})).not.toContain('lookup')
  expect(await inTx((tx) => secretShares.lockShare(tx, share.id))).toEqual(listed)
  expect(await inTx((tx) => secretShares.revokeShare(tx, workspaceId, { id: share.id, now }))).toEqual({ ...listed, revoked_at: now })
  await secretShares.forgetExpiredShares(db, expiresAt)
})

test('the statements sent are those of the snapshot', async () => {
  await secretShares.listShares(db, newId('workspace'), { limit: 1, before: newId('secretShare') })
  const ours = [...statements].filter((sql) => sql.includes('secret_shares')).map((sql) => sql.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/secret-shares.sql')
})
