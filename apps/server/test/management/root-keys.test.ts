import { newId } from '@letterlock/contract'
import { keys } from '@letterlock/db'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestManagement, keyIdOf, type TestManagement } from './test-management.ts'

let management: TestManagement
beforeAll(async () => {
  management = await createTestManagement()
})
afterAll(() => management.database.drop())

describe('rootKeys', () => {
  test('create answers a key that works with the scopes it was given', async () => {
    const { data } = await management.mutate('rootKeys.create', { name: 'Reader', scopes: ['workspaces:read'], expiresIn: '1h' })
    expect(data.rootKey).toMatchObject({ mode: 'root', name: 'Reader', scopes: ['workspaces:read'], expiresAt: new Date(management.state.now.getTime() + 3_600_000).toISOString() })
    expect((await management.query('workspaces.list', {}, { key: data.secret })).status).toBe(200)
    expect((await management.query('scopes.list', {}, { key: data.secret })).status).toBe(403)
  })

  test('create refuses scopes the caller has not', async () => {
    const key = await management.addRootKey(['rootKeys:write'])
    const { status, error } = await management.mutate('rootKeys.create', { name: 'More', scopes: ['rootKeys:write', 'keys:write'] }, { key })
    expect([status, error.data]).toMatchObject([403, { code: 'insufficient_scope', requiredScope: 'keys:write', keyScopes: ['rootKeys:write'] }])
    expect((await management.mutate('rootKeys.create', { name: 'Same', scopes: ['rootKeys:write'] }, { key })).status).toBe(200)
  })

  test('create refuses a scope of API keys', async () => {
    const { error } = await management.mutate('rootKeys.create', { name: 'Wrong', scopes: ['contacts:read'] })
    expect(error.data.issues[0].path).toBe('scopes.0')
  })

  test('revoke is in force at once, and answers the same when repeated', async () => {
    const { data } = await management.mutate('rootKeys.create', { name: 'Gone', scopes: ['scopes:read'] })
    const first = await management.mutate('rootKeys.revoke', { keyId: data.rootKey.id, reason: 'left' })
    expect(first.data).toMatchObject({ rootKey: { status: 'revoked', revokedReason: 'left' }, revision: data.revision + 1 })
    expect((await management.query('scopes.list', {}, { key: data.secret })).error.data.code).toBe('revoked_key')
    expect((await management.mutate('rootKeys.revoke', { keyId: data.rootKey.id })).data).toEqual(first.data)
    expect((await management.mutate('rootKeys.revoke', { keyId: newId('key') })).status).toBe(404)
  })

  describe('of a key that expires', () => {
    const withEnd = (seconds: number) =>
      management.addRootKey(['rootKeys:write'], { expiresAt: new Date(management.state.now.getTime() + seconds * 1_000) })

    test.each([['no end', undefined], ['a later end', '6s'], ['a far end', '3660d']])('create refuses %s', async (_, expiresIn) => {
      const key = await withEnd(5)
      const { status, error } = await management.mutate('rootKeys.create', { name: 'Heir', scopes: ['rootKeys:write'], expiresIn }, { key })
      expect([status, error.data.code]).toEqual([400, 'invalid_request'])
      expect(error.data.issues).toEqual([{ path: 'expiresIn', message: expect.stringContaining('cannot outlive') }])
    })

    test.each(['5s', '1s'])('create takes an end at %s of 5 s', async (expiresIn) => {
      const key = await withEnd(5)
      const { status } = await management.mutate('rootKeys.create', { name: 'Heir', scopes: ['rootKeys:write'], expiresIn }, { key })
      expect(status).toBe(200)
    })
  })

  test('revoke needs every scope of the key, except of itself', async () => {
    const [narrow, twin, wide] = [
      await management.addRootKey(['rootKeys:write']), await management.addRootKey(['rootKeys:write']),
      await management.addRootKey(['rootKeys:write', 'keys:write']),
    ]
    const refused = await management.mutate('rootKeys.revoke', { keyId: keyIdOf(wide) }, { key: narrow })
    expect([refused.status, refused.error.data]).toMatchObject([403, { code: 'insufficient_scope', requiredScope: 'keys:write', keyScopes: ['rootKeys:write'] }])
    expect((await keys.findRootKey(management.db, keyIdOf(wide)))?.status).toBe('active')
    expect((await management.mutate('rootKeys.revoke', { keyId: keyIdOf(twin) }, { key: narrow })).status).toBe(200)
    expect((await management.mutate('rootKeys.revoke', { keyId: keyIdOf(narrow) }, { key: narrow })).status).toBe(200)
    expect((await management.mutate('rootKeys.revoke', { keyId: keyIdOf(wide) })).status).toBe(200)
  })

  test('revoke does not touch API keys, and list does not show them', async () => {
    const { data } = await management.mutate('workspaces.create', { name: 'Acme' })
    const { key } = (await management.mutate('keys.create', { workspaceId: data.workspace.id, mode: 'live', name: 'CI' })).data
    expect((await management.mutate('rootKeys.revoke', { keyId: key.id })).status).toBe(404)
    const listed = (await management.query('rootKeys.list', { limit: 100 })).data.data as { id: string; mode: string }[]
    expect(listed.map(({ id }) => id)).toContain(keyIdOf(management.rootKey))
    expect(new Set(listed.map(({ mode }) => mode))).toEqual(new Set(['root']))
  })
})
