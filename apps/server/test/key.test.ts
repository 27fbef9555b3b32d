import { auditEvents, connect, type Db, revisions } from '@letterlock/db'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let db: Db
beforeAll(async () => {
  server = await startTestServer()
  db = connect({ connectionString: server.connectionString, max: 2, applicationName: 'test' })
})
afterAll(async () => {
  await db.destroy()
  await server.stop()
})

async function createKey(input: Record<string, unknown> = {}) {
  const { body } = await server.manage('keys.create', { workspaceId: server.workspaceId, mode: 'live', name: 'CI', ...input })
  return body.result.data
}

describe('GET /key', () => {
  test('shows the key that asks, with the limits that apply to it', async () => {
    const made = await createKey({ scopes: ['lists:read'], expiresIn: '90d', rateLimits: [{ name: 'slow', limit: '5/1h', burst: 2 }] })
    const { status, body, text } = await server.call('GET', '/key', { key: made.secret })
    const { id, name, mode, scopes, workspaceId, environmentId, expiresAt, createdAt } = made.key
    expect([status, body]).toEqual([200, {
      id, name, mode, scopes, workspaceId, environmentId, expiresAt, createdAt, limits: [{ name: 'slow', limit: '5/1h', burst: 2 }],
    }])
    expect(text).not.toContain(made.secret.slice(40))
  })

  test('shows the default limit where the key has none of its own', async () => {
    const { secret } = await createKey()
    expect((await server.call('GET', '/key', { key: secret })).body).toMatchObject({ expiresAt: null, limits: [{ name: 'default', limit: '1000/10s' }] })
  })
})

describe('POST /key/revoke', () => {
  test('revokes the key that asks, raises the revision and is audited under its own id', async () => {
    const { key, secret } = await createKey()
    const before = await revisions.currentRevision(db)
    const { status, body } = await server.call('POST', '/key/revoke', { key: secret, body: { reason: 'laptop lost' } })
    expect([status, body]).toEqual([200, { id: key.id, revokedAt: expect.any(String), revision: before + 1 }])
    expect((await server.call('GET', '/key', { key: secret })).body.code).toBe('revoked_key')
    expect(await db.selectFrom('audit_events').selectAll().where('target', '=', key.id).where('action', '=', 'key.revoke').execute()).toMatchObject([
      { actor: key.id, workspace_id: server.workspaceId, revision: before + 1, after: { status: 'revoked', revokedReason: 'laptop lost' } },
    ])
    expect(await auditEvents.verifyChain(db, key.workspaceId)).toMatchObject({ intact: true })
    const shown = await server.manage('keys.get', { keyId: key.id }, { query: true })
    expect(shown.body.result.data.key).toMatchObject({ status: 'revoked', revokedReason: 'laptop lost', revokedAt: body.revokedAt })
  })

  test('by many calls at once revokes once; each is answered with that revocation or refused', async () => {
    const { key, secret } = await createKey()
    const before = await revisions.currentRevision(db)
    const answers = await Promise.all(Array.from({ length: 8 }, () => server.call('POST', '/key/revoke', { key: secret })))
    const done = answers.filter(({ status }) => status === 200)
    expect(new Set(done.map(({ body }) => body.revokedAt)).size).toBe(1)
    expect(answers.filter(({ status }) => status !== 200).map(({ body }) => body.code)).toEqual(Array(8 - done.length).fill('revoked_key'))
    expect(await revisions.currentRevision(db)).toBe(before + 1)
    expect(await db.selectFrom('change_log').selectAll().where('id', '=', key.id).where('revision', '>', before).execute()).toHaveLength(1)
  })

  test('refuses an unknown field and leaves the key alone', async () => {
    const { secret } = await createKey()
    expect((await server.call('POST', '/key/revoke', { key: secret, body: { why: 'x' } })).status).toBe(400)
    expect((await server.call('GET', '/key', { key: secret })).status).toBe(200)
  })
})
