import { newId, type WorkspaceId } from '@letterlock/contract'
import { auditEvents, keyUses } from '@letterlock/db'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sweep } from '../../src/jobs/sweeps.ts'
import { createTestManagement, keyIdOf, type TestManagement } from './test-management.ts'

let management: TestManagement
let workspaceId: WorkspaceId
const start = new Date('2026-11-22T09:30:00.000Z')
const at = (days: number) => new Date(start.getTime() + days * 86_400_000)
beforeAll(async () => {
  management = await createTestManagement()
})
beforeEach(async () => {
  management.state.now = start
  workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id
})
afterAll(() => management.database.drop())

async function createKey(input: Record<string, unknown> = {}) {
  const { data } = await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', ...input })
  return data as { key: { id: string; [member: string]: unknown }; secret: string; revision: number }
}

async function idsOf(filter: object) {
  const { status, data } = await management.query('keys.list', { workspaceId, ...filter })
  expect([status, data?.hasMore]).toEqual([200, false])
  return (data.data as { id: string }[]).map(({ id }) => id).sort()
}

const revokeMany = (input: object, options = {}) => management.mutate('keys.revokeMany', { workspaceId, filter: {}, dryRun: false, ...input }, options)

describe('keys.create and keys.update', () => {
  test('keep who answers for a key and where it is kept, audited', async () => {
    const { key } = await createKey({ owner: 'Ada', storedIn: 'vault:kv/ci', purpose: 'Nightly' })
    expect(key).toMatchObject({ owner: 'Ada', storedIn: 'vault:kv/ci', purpose: 'Nightly' })
    const updated = (await management.mutate('keys.update', { keyId: key.id, owner: 'Grace', storedIn: null })).data.key
    expect(updated).toMatchObject({ owner: 'Grace', purpose: 'Nightly' })
    expect(updated).not.toHaveProperty('storedIn')
    const audited = await management.db.selectFrom('audit_events').select(['before', 'after']).where('target', '=', key.id).where('action', '=', 'keys.update').execute()
    expect(audited).toEqual([{ before: { owner: 'Ada', storedIn: 'vault:kv/ci' }, after: { owner: 'Grace', storedIn: null } }])
  })

  test.each([['owner', 201], ['storedIn', 501]])('refuse %s of %i characters', async (field, length) => {
    const { key } = await createKey()
    for (const [procedure, input] of [['keys.create', { workspaceId, mode: 'live', name: 'x' }], ['keys.update', { keyId: key.id }]] as const) {
      const { status, error } = await management.mutate(procedure, { ...input, [field]: 'x'.repeat(length) })
      expect([status, error.data.issues[0].path]).toEqual([400, field])
    }
  })

  test('refuse an unknown scope with a suggestion', async () => {
    const { key } = await createKey()
    const issues = [{ path: 'scopes.0', message: 'unknown scope; did you mean contacts:read?' }]
    expect((await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'x', scopes: ['contact:read'] })).error.data.issues).toEqual(issues)
    expect((await management.mutate('keys.update', { keyId: key.id, scopes: ['contact:read'] })).error.data.issues).toEqual(issues)
  })
})

test('keys.get shows the secret versions of a key, and no digest', async () => {
  const { key } = await createKey()
  await keyUses.touchLastUsed(management.db, [{ keyId: keyIdOf((await createKey()).secret), at: start }])
  await management.db.insertInto('key_secrets').values({
    key_id: key.id, version: 2, digest: Buffer.alloc(32), pepper_version: 'v1', created_at: at(1), last_used_at: at(2), last_used_ip: '192.0.2.7',
  }).execute()
  const live = { isLive: true, retiresAt: null, untilSilentForMs: null, retirement: null }
  const { data } = await management.query('keys.get', { keyId: key.id })
  expect(data.secretVersions).toEqual([
    { ...live, version: 2, createdAt: at(1).toISOString(), lastUsedAt: at(2).toISOString(), lastUsedIp: '192.0.2.7' },
    { ...live, version: 1, createdAt: start.toISOString(), lastUsedAt: null, lastUsedIp: null },
  ])
})

describe('keys.list', () => {
  test('filters by status, mode, owner, scope, use, end and maker, all at once too', async () => {
    const roleId = (await management.mutate('roles.create', { name: newId('role'), scopes: ['emails:send'] })).data.role.id as string
    const [plain, owned, ofRole, ending, gone, off] = [
      await createKey(), await createKey({ mode: 'test', owner: 'Ada' }), await createKey({ roleId, scopes: ['lists:read'] }),
      await createKey({ expiresIn: '10d', owner: 'Ada' }), await createKey(), await createKey(),
    ].map(({ key }) => key.id)
    await management.mutate('keys.revoke', { keyId: gone })
    await management.mutate('keys.disable', { keyId: off })
    const maker = await management.addRootKey(['keys:write'])
    const made = (await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'x' }, { key: maker })).data.key.id as string
    await keyUses.touchLastUsed(management.db, [{ keyId: plain as never, at: at(5) }])
    const all = [plain, owned, ofRole, ending, gone, off, made]
    const cases: [object, (string | undefined)[]][] = [
      [{}, all], [{ status: 'revoked' }, [gone]], [{ status: 'disabled' }, [off]], [{ mode: 'test' }, [owned]],
      [{ status: 'active' }, [plain, owned, ofRole, ending, made]], [{ status: 'expired' }, []],
      [{ owner: 'Ada' }, [owned, ending]], [{ owner: 'ada' }, []], [{ scope: 'emails:send' }, [ofRole]], [{ scope: 'lists:read' }, [ofRole]],
      [{ createdBy: keyIdOf(maker) }, [made]], [{ unusedSince: at(5).toISOString() }, all.filter((id) => id !== plain)],
      [{ unusedSince: '2026-11-27T11:30:00.001+02:00' }, all], [{ unusedSince: start.toISOString() }, []],
      [{ expiringBefore: at(10).toISOString() }, []], [{ expiringBefore: at(11).toISOString() }, [ending]],
      [{ owner: 'Ada', mode: 'live', status: 'active', expiringBefore: at(11).toISOString(), unusedSince: at(1).toISOString() }, [ending]],
    ]
    for (const [filter, ids] of cases) expect([filter, await idsOf(filter)]).toEqual([filter, [...ids].sort()])
    management.state.now = at(10)
    expect(await idsOf({ status: 'expired' })).toEqual([ending])
    expect(await idsOf({ status: 'active' })).not.toContain(ending)
    await management.mutate('keys.revoke', { keyId: ending })
    expect(await idsOf({ status: 'expired' })).toEqual([])
  })

  test('goes on through the pages of a filter, newest first', async () => {
    const ids: string[] = []
    for (let index = 0; index < 5; index++) {
      management.state.now = at(index)
      ids.unshift((await createKey({ owner: index === 2 ? 'Grace' : 'Ada' })).key.id)
    }
    const first = (await management.query('keys.list', { workspaceId, owner: 'Ada', limit: 3 })).data
    const second = (await management.query('keys.list', { workspaceId, owner: 'Ada', limit: 3, cursor: first.nextCursor })).data
    expect([...first.data, ...second.data].map(({ id }: { id: string }) => id)).toEqual(ids.filter((_, index) => index !== 2))
    expect([first.hasMore, second.hasMore, second.nextCursor]).toEqual([true, false, null])
  })

  test.each([
    ['status', 'retired'], ['mode', 'root'], ['scope', 'contacts:reed'], ['unusedSince', 'yesterday'], ['expiringBefore', '2026-11-22'], ['owner', ''], ['createdBy', 'x'.repeat(101)],
  ])('refuses a wrong %s', async (field, value) => {
    const { status, error } = await management.query('keys.list', { workspaceId, [field]: value })
    expect([status, error.data.issues[0].path]).toEqual([400, field])
  })
})

describe('keys.revokeMany', () => {
  test('counts first, then revokes what was counted in one revision, a row of the audit log for each', async () => {
    const [one, two] = [await createKey({ owner: 'Ada' }), await createKey({ owner: 'Ada' })]
    const kept = await createKey()
    const ids = [one.key.id, two.key.id].sort()
    const dry = await revokeMany({ filter: { owner: 'Ada' }, dryRun: true })
    expect(dry.data).toEqual({ count: 2, revoked: 0, left: 2, hasMore: true, sample: ids, revision: kept.revision })
    const { data } = await revokeMany({ filter: { owner: 'Ada' }, expectedCount: 2, reason: 'left' })
    expect(data).toEqual({ count: 2, revoked: 2, left: 0, hasMore: false, sample: ids, revision: kept.revision + 1 })
    for (const { secret } of [one, two]) expect((await management.verify(secret)).code).toBe('revoked_key')
    expect((await management.verify(kept.secret)).code).toBe('ok')
    const audited = await management.db.selectFrom('audit_events').selectAll().where('action', '=', 'keys.revokeMany').where('workspace_id', '=', workspaceId).orderBy('sequence').execute()
    expect(audited.map(({ target }) => target)).toEqual(ids)
    for (const row of audited) {
      expect(row).toMatchObject({ actor: keyIdOf(management.rootKey), revision: data.revision, before: { status: 'active' }, after: { status: 'revoked', revokedReason: 'left' } })
    }
    const logged = management.db.selectFrom('change_log').select(['kind', 'id']).where('revision', '=', data.revision).orderBy('id')
    expect(await logged.execute()).toEqual(ids.map((id) => ({ kind: 'key', id })))
    expect((await management.query('keys.get', { keyId: one.key.id })).data.key).toMatchObject({ status: 'revoked', revokedReason: 'left' })
    expect(await auditEvents.verifyChain(management.db, workspaceId)).toMatchObject({ intact: true })
    expect((await revokeMany({ filter: { owner: 'Ada' }, expectedCount: 0 })).data).toMatchObject({ count: 0, revoked: 0, revision: data.revision })
  })

  test('is refused when the set has changed, and revokes nothing', async () => {
    await createKey()
    const { key } = await createKey()
    expect((await revokeMany({ dryRun: true })).data.count).toBe(2)
    await management.mutate('keys.revoke', { keyId: key.id })
    const { status, error } = await revokeMany({ expectedCount: 2 })
    expect([status, error.data]).toMatchObject([409, { code: 'invalid_state', count: 1 }])
    expect(await idsOf({ status: 'active' })).toHaveLength(1)
  })

  test('revokes at most 1 000 keys a call, the oldest first, and says how many are left', async () => {
    const { key } = await createKey()
    const row = await management.db.selectFrom('keys').selectAll().where('id', '=', key.id).executeTakeFirstOrThrow()
    const copies = Array.from({ length: 1_001 }, () => ({ ...row, id: newId('key'), rate_limits: '[]' }))
    await management.db.insertInto('keys').values(copies).execute()
    const first = await revokeMany({ expectedCount: 1_002 })
    expect(first.data).toMatchObject({ count: 1_002, revoked: 1_000, left: 2, hasMore: true })
    expect(first.data.sample).toHaveLength(20)
    expect((await revokeMany({ expectedCount: 2 })).data).toMatchObject({ revoked: 2, left: 0, hasMore: false })
    expect(await idsOf({ status: 'active' })).toEqual([])
    expect(await auditEvents.verifyChain(management.db, workspaceId)).toMatchObject({ intact: true, events: 1_004 })
  })

  test('of many calls at once lets one win; the others see that the set has changed', async () => {
    for (let index = 0; index < 5; index++) await createKey()
    const answers = await Promise.all(Array.from({ length: 6 }, () => revokeMany({ expectedCount: 5 })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409])
    const audited = await management.db.selectFrom('audit_events').select('target').where('action', '=', 'keys.revokeMany').where('workspace_id', '=', workspaceId).execute()
    expect(new Set(audited.map(({ target }) => target)).size).toBe(5)
    expect(audited).toHaveLength(5)
  })

  test('beside revocations of single keys revokes each key once', async () => {
    const ids = []
    for (let index = 0; index < 5; index++) ids.push((await createKey()).key.id)
    await Promise.all([revokeMany({ expectedCount: 5 }), ...ids.map((keyId) => management.mutate('keys.revoke', { keyId }))])
    const audited = await management.db.selectFrom('audit_events').select('target').where('action', 'in', ['keys.revokeMany', 'keys.revoke']).where('workspace_id', '=', workspaceId).execute()
    expect(audited.map(({ target }) => target).sort()).toEqual(ids.sort())
  })

  test.each<[string, object, string]>([
    ['no expected count', {}, 'expectedCount'],
    ['revoked keys', { filter: { status: 'revoked' }, dryRun: true }, 'filter.status'],
    ['a mistyped filter', { filter: { owners: 'Ada' }, dryRun: true }, 'filter.owners'],
    ['no filter', { filter: undefined, dryRun: true }, 'filter'],
    ['no word about a dry run', { dryRun: undefined }, 'dryRun'],
  ])('refuses %s', async (_, input, path) => {
    const { status, error } = await revokeMany(input)
    expect([status, error.data.issues[0].path]).toEqual([400, path])
  })

  test('answers 404 for an unknown workspace', async () => {
    expect((await revokeMany({ workspaceId: newId('workspace'), dryRun: true })).status).toBe(404)
  })
})

test('nothing about a key goes by verification or by time', async () => {
  const [revoked, expired] = [await createKey(), await createKey({ expiresIn: '1d' })]
  await management.mutate('keys.revoke', { keyId: revoked.key.id, reason: 'left' })
  for (const years of [1, 5, 25]) {
    management.state.now = at(years * 366)
    await management.verify(revoked.secret)
    await management.verify(expired.secret)
    const errors: unknown[] = []
    await sweep(management, (error) => void errors.push(error))
    expect(errors).toEqual([])
  }
  for (const [{ key }, state] of [[revoked, { status: 'revoked', revokedReason: 'left' }], [expired, { expiresAt: at(1).toISOString() }]] as const) {
    const { data } = await management.query('keys.get', { keyId: key.id })
    expect(data).toMatchObject({ key: { ...state, id: key.id, createdAt: start.toISOString() }, secretVersions: [{ version: 1 }] })
    const audited = await management.db.selectFrom('audit_events').select('action').where('target', '=', key.id).orderBy('sequence').execute()
    expect(audited.map(({ action }) => action)).toContain('keys.create')
  }
  expect(await auditEvents.verifyChain(management.db, workspaceId)).toMatchObject({ intact: true })
})
