/** Against the server as `npm start` runs it. */
import { inspect } from 'node:util'
import { letterlockKeys } from '@letterlock/keys'
import { Letterlock } from 'letterlock'
import { describe, expect, inject, test } from 'vitest'
import { AdminError, createAdmin } from '../src/index.ts'

const admin = createAdmin({ url: inject('managementUrl'), rootKey: inject('rootKey') })
const failureOf = (call: Promise<unknown>) => call.then(() => expect.fail('it did not fail'), (error: unknown) => error as AdminError)

describe('createAdmin() on a server', () => {
  test('calls mutations and queries, typed', async () => {
    const { workspace } = await admin.workspaces.create({ name: 'Typed' })
    const { key, secret, revision } = await admin.keys.create({ workspaceId: workspace.id, mode: 'live', name: 'CRM', scopes: ['contacts:read'] })
    expect(letterlockKeys.parse(secret)).toMatchObject({ ok: true, mode: 'live' })
    expect(revision).toBeGreaterThan(0)
    const got = await admin.keys.get({ keyId: key.id })
    expect(got.key).toEqual(key)
    const { data } = await admin.scopes.list()
    expect(data.length).toBeGreaterThan(10)
  })

  test('makes a key that its holder uses, until it is revoked', async () => {
    const { workspace } = await admin.workspaces.create({ name: 'Holder' })
    const { key, secret } = await admin.keys.create({ workspaceId: workspace.id, mode: 'live', name: 'CRM', scopes: ['contacts:read'] })
    const letterlock = new Letterlock({ apiKey: secret, baseUrl: inject('environment').LETTERLOCK_BASE_URL })
    expect(await letterlock.key.get()).toMatchObject({ id: key.id, workspaceId: workspace.id, scopes: ['contacts:read'] })
    await admin.keys.revoke({ keyId: key.id, reason: 'over' })
    await expect.poll(() => letterlock.key.get().catch((error: { code: string }) => error.code)).toBe('revoked_key')
  })

  test('goes through the pages of a list as far as it is asked', async () => {
    const { workspace } = await admin.workspaces.create({ name: 'Pages' })
    for (const name of ['a', 'b', 'c']) await admin.keys.create({ workspaceId: workspace.id, mode: 'test', name, scopes: ['contacts:read'] })
    const names: string[] = []
    for await (const { name } of admin.pages(admin.keys.list, { workspaceId: workspace.id, limit: 2 })) names.push(name)
    expect(names).toEqual(['c', 'b', 'a'])
    for await (const { name } of admin.pages(admin.keys.list, { workspaceId: workspace.id, limit: 1 })) {
      expect(name).toBe('c')
      break
    }
  })

  test('throws what the server refuses, with all that it says', async () => {
    const error = await failureOf(admin.keys.create({ workspaceId: 'ws_no', mode: 'live', name: '', scopes: ['contacts:reed'] }))
    expect(error).toBeInstanceOf(AdminError)
    expect(error).toMatchObject({ name: 'AdminError', code: 'invalid_request', status: 400, requestId: expect.stringMatching(/^req_/) })
    expect(error.issues.map(({ path }) => path)).toContain('name')
    expect(error.message).toContain('name')

    const { secret } = await admin.rootKeys.create({ name: 'narrow', scopes: ['keys:read'] })
    const narrow = createAdmin({ url: inject('managementUrl'), rootKey: secret })
    const refused = await failureOf(narrow.workspaces.create({ name: 'no' }))
    expect(refused).toMatchObject({ code: 'insufficient_scope', status: 403, requiredScope: 'workspaces:write', members: { keyScopes: ['keys:read'] } })
  })

  test('does not show the root key, whatever is printed', async () => {
    const wrong = letterlockKeys.issue({ mode: 'root' }).token
    const other = createAdmin({ url: inject('managementUrl'), rootKey: wrong })
    const refused = await failureOf(other.scopes.list())
    expect(refused.code).toBe('invalid_key')
    const shown = [other, other.keys, other.keys.list, refused].map((value) => inspect(value, { showHidden: true, depth: 20 }) + JSON.stringify(value))
    expect(shown.join()).not.toContain(wrong.slice(10))
  })
})
