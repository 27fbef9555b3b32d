import { productScopeNames, rootScopeNames } from '@letterlock/contract'
import { auditEvents, keyLists, keys, workspaces } from '@letterlock/db'
import { createTestDatabase } from '@letterlock/db/testing'
import { letterlockKeys } from '@letterlock/keys'
import { definePeppers } from '@letterlock/keys/digest'
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { provisionDevelopment, provisionRootKey } from '../../src/management/provision.ts'
import { keyIdOf } from './test-management.ts'

const now = new Date('2026-11-22T09:30:00.000Z')
const peppers = definePeppers([{ version: 'v1', secret: randomBytes(32) }])

const keep = () => undefined

test('provisionDevelopment() fills an empty database once, whoever races', async () => {
  const database = await createTestDatabase()
  const { db } = database
  const deps = { db, keyFormat: letterlockKeys, peppers, now }
  try {
    const made = (await Promise.all(Array.from({ length: 4 }, () => provisionDevelopment(deps, keep)))).filter((result) => result !== null)
    expect(made).toHaveLength(1)
    const [first] = made
    if (!first) throw new Error('nothing was made')
    expect(await workspaces.listWorkspaces(db, { limit: 10 })).toMatchObject([{ id: first.workspaceId, name: 'Acme' }])
    expect(await keys.listRootKeys(db, { limit: 10 })).toMatchObject([{ id: keyIdOf(first.rootKey), scopes: rootScopeNames }])
    const made2 = (await keyLists.listKeys(db, first.workspaceId, { limit: 10, now })).rows
    expect(new Map(made2.map((key) => [key.mode, key]))).toEqual(new Map([
      ['live', expect.objectContaining({ id: keyIdOf(first.liveKey), scopes: productScopeNames, rate_limits: [{ name: 'default', limit: '100000/10s' }] })],
      ['test', expect.objectContaining({ id: keyIdOf(first.testKey), scopes: productScopeNames })],
    ]))
    expect(await auditEvents.verifyChain(db, first.workspaceId)).toMatchObject({ intact: true, events: 3 })
    expect(await provisionRootKey(deps, keep)).toBeNull()
  } finally {
    await database.drop()
  }
})

test('provisionRootKey() makes one root key on an empty database and no workspace', async () => {
  const database = await createTestDatabase()
  try {
    const deps = { db: database.db, keyFormat: letterlockKeys, peppers, now }
    const made = await provisionRootKey(deps, keep)
    expect(letterlockKeys.parse(made?.rootKey ?? '')).toMatchObject({ ok: true, mode: 'root' })
    expect(await provisionDevelopment(deps, keep)).toBeNull()
    expect(await workspaces.listWorkspaces(database.db, { limit: 10 })).toEqual([])
  } finally {
    await database.drop()
  }
})
