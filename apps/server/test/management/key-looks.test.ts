import { type KeyId, newId } from '@letterlock/contract'
import { alerts, keyUses, nodes } from '@letterlock/db'
import { sql } from 'kysely'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { after, createRotationRig, day, hour, start } from './rotation-rig.ts'

const rig = await createRotationRig()
const { management, workspaceId, createKey, codeOf, rotate, runSweeps, auditOf } = rig
const { db, state } = management
afterAll(() => management.database.drop())
beforeEach(async () => {
  state.now = start
  await nodes.heartbeat(db, { id: 'nod_one', roles: ['api'] })
  await nodes.noteUsageSaved(db, 'nod_one', 'final')
  await setPolicy({}, null)
  await setPolicy({})
})

const minute = 60_000
const setPolicy = (policy: object, owner: string | null = workspaceId) => management.mutate('policies.set', { workspaceId: owner, policy })

async function sweepAt(ms: number): Promise<void> {
  state.now = after(ms)
  await runSweeps()
}

/** Sweeps at the end of every step of a span. */
async function sweepUntil(ms: number, { from = 0, every = day } = {}): Promise<void> {
  for (let at = from + every; at <= ms; at += every) await sweepAt(at)
}

/** What was said of a key, oldest first: after how many days, what, and how long before. */
async function saidOf(keyId: string): Promise<(string | number)[][]> {
  const rows = await alerts.listAlerts(db, workspaceId, { limit: 100, subject: keyId })
  return rows.sort((one, other) => one.at.getTime() - other.at.getTime())
    .map(({ at, kind, detail }) => [(at.getTime() - start.getTime()) / day, kind, ...(detail.warnBefore ? [String(detail.warnBefore)] : [])])
}

const statusOf = async (keyId: string) => (await management.query('keys.get', { keyId })).data.key.status
const useAt = (keyId: string, ms: number) => keyUses.touchLastUsed(db, [{ keyId: keyId as KeyId, at: after(ms) }])

describe('the end of a key', () => {
  test('is said 30, 7 and 1 day before, unless a policy says otherwise, and when it has come, each once', async () => {
    const key = await createKey({ expiresIn: '90d' })
    await sweepUntil(92 * day, { every: 12 * hour })
    expect(await saidOf(key.keyId)).toEqual([
      [60, 'key.expiring', '30d'], [83, 'key.expiring', '7d'], [89, 'key.expiring', '1d'], [90, 'key.expired'],
    ])
    const [newest] = (await management.query('alerts.list', { workspaceId, subject: key.keyId, kind: 'key.expiring' })).data.data
    expect(newest.detail).toEqual({ name: 'CI', expiresAt: after(90 * day).toISOString(), warnBefore: '1d' })
  })

  test('is said of late by the nearest warning alone', async () => {
    const key = await createKey({ expiresIn: '90d' })
    await sweepAt(day)
    await sweepAt(84 * day)
    await sweepAt(91 * day)
    expect(await saidOf(key.keyId)).toEqual([[84, 'key.expiring', '7d'], [91, 'key.expired']])
  })

  test('is not said as far ahead as it was when it was chosen', async () => {
    const [hours, week] = [await createKey({ expiresIn: '2h' }), await createKey({ expiresIn: '7d' })]
    await sweepUntil(8 * day)
    expect(await saidOf(hours.keyId)).toEqual([[1, 'key.expired']])
    expect(await saidOf(week.keyId)).toEqual([[6, 'key.expiring', '1d'], [7, 'key.expired']])
  })

  test('that moves is said of anew; without one, disabled or revoked nothing is said', async () => {
    const [moved, freed, disabled, revoked] = await Promise.all(Array.from({ length: 4 }, () => createKey({ expiresIn: '10d' })))
    if (!moved || !freed || !disabled || !revoked) throw new Error('four keys')
    await sweepUntil(4 * day)
    await management.mutate('keys.update', { keyId: moved.keyId, expiresIn: '8d' })
    await management.mutate('keys.update', { keyId: freed.keyId, expiresIn: null })
    await management.mutate('keys.disable', { keyId: disabled.keyId })
    await management.mutate('keys.revoke', { keyId: revoked.keyId })
    await sweepUntil(13 * day, { from: 4 * day })
    expect(await saidOf(moved.keyId)).toEqual([
      [3, 'key.expiring', '7d'], [5, 'key.expiring', '7d'], [11, 'key.expiring', '1d'], [12, 'key.expired'],
    ])
    for (const { keyId } of [freed, disabled, revoked]) expect(await saidOf(keyId)).toEqual([[3, 'key.expiring', '7d']])
  })

  test('is said of as both policies ask, also of keys that were there before them', async () => {
    const key = await createKey({ expiresIn: '90d' })
    await sweepAt(hour)
    await setPolicy({ warnBefore: ['2d'] }, null)
    await setPolicy({ warnBefore: ['60d', '48h', '12h'] })
    expect((await management.query('policies.get', { workspaceId })).data.effective.warnBefore).toEqual(['60d', '48h', '12h'])
    await sweepUntil(90 * day, { every: 12 * hour })
    expect(await saidOf(key.keyId)).toEqual([
      [30, 'key.expiring', '60d'], [88, 'key.expiring', '48h'], [89.5, 'key.expiring', '12h'], [90, 'key.expired'],
    ])
  })

  test('is said once by many sweeps at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => createKey({ expiresIn: '40d' })))
    state.now = after(11 * day)
    await Promise.all(Array.from({ length: 5 }, runSweeps))
    await runSweeps() // what one of them had locked, another left
    for (const { keyId } of all) expect(await saidOf(keyId)).toEqual([[11, 'key.expiring', '30d']])
  })
})

describe('a key that nobody uses', () => {
  const unused = { whenUnused: { for: '30d', do: 'disable' } }

  test('is warned of, then disabled by the system, with the reason in the audit log', async () => {
    await setPolicy(unused)
    const key = await createKey()
    await sweepUntil(29 * day)
    expect(await codeOf(key.secret)).toBe('ok')
    await sweepUntil(32 * day, { from: 29 * day, every: 6 * hour })
    expect(await saidOf(key.keyId)).toEqual([
      [23, 'key.unused', '7d'], [29, 'key.unused', '1d'], [30.25, 'key.unused'], // two minutes later at the earliest
    ])
    expect([await codeOf(key.secret), await statusOf(key.keyId)]).toEqual(['disabled_key', 'disabled'])
    const { data } = (await management.query('alerts.list', { workspaceId, subject: key.keyId })).data
    const facts = { name: 'CI', unusedSince: start.toISOString(), lastUsedAt: null, action: 'disable' }
    expect(data[0].detail).toEqual({ ...facts, endsAt: after(30.25 * day).toISOString(), warnBefore: null })
    expect(data[1].detail).toEqual({ ...facts, endsAt: after(30 * day).toISOString(), warnBefore: '1d' })
    expect(await auditOf('keys.disable', key.keyId)).toMatchObject([
      { actor: 'system', before: { status: 'active' }, after: { status: 'disabled', reason: 'unused for 30d, as the policy whenUnused says' } },
    ])
  })

  test('is revoked where the policy says so', async () => {
    await setPolicy({ whenUnused: { for: '30d', do: 'revoke' } })
    const key = await createKey()
    await sweepUntil(31 * day)
    expect(await codeOf(key.secret)).toBe('revoked_key')
    expect(await auditOf('keys.revoke', key.keyId)).toMatchObject([
      { actor: 'system', after: { status: 'revoked', revokedReason: 'unused for 30d, as the policy whenUnused says' } },
    ])
  })

  test('stays when it is used after the warning; its silence begins anew', async () => {
    await setPolicy(unused)
    const key = await createKey()
    await sweepUntil(29 * day)
    await useAt(key.keyId, 29.9 * day)
    await sweepUntil(59 * day, { from: 29 * day })
    expect(await saidOf(key.keyId)).toEqual([[23, 'key.unused', '7d'], [29, 'key.unused', '1d'], [53, 'key.unused', '7d'], [59, 'key.unused', '1d']])
    expect(await codeOf(key.secret)).toBe('ok')
  })

  test('stays until its silence is known of every node', async () => {
    await setPolicy(unused)
    const key = await createKey()
    await sweepUntil(29 * day)
    await nodes.noteUsageSaved(db, 'nod_one', after(30 * day + minute))
    await sweepAt(31 * day)
    expect(await codeOf(key.secret)).toBe('ok')
    await useAt(key.keyId, 30 * day - minute) // what the node had not saved yet
    await nodes.noteUsageSaved(db, 'nod_one', 'final')
    await sweepAt(31 * day + 2 * minute)
    expect(await codeOf(key.secret)).toBe('ok')
    await sweepUntil(61 * day, { from: 31 * day })
    expect(await codeOf(key.secret)).toBe('disabled_key')
  })

  test('ends no sooner after its last warning than that says, when the rule is new or the sweep late', async () => {
    const key = await createKey()
    await sweepAt(100 * day)
    await setPolicy(unused)
    await sweepAt(100 * day + hour)
    await sweepAt(101 * day + hour - minute)
    expect(await codeOf(key.secret)).toBe('ok')
    await sweepAt(101 * day + hour)
    expect(await codeOf(key.secret)).toBe('disabled_key')
    expect((await saidOf(key.keyId)).map(([, ...said]) => said)).toEqual([['key.unused', '1d'], ['key.unused']])
  })

  test('that was enabled has its whole time again', async () => {
    await setPolicy(unused)
    const key = await createKey()
    await sweepUntil(31 * day)
    await management.mutate('keys.enable', { keyId: key.keyId })
    await sweepUntil(60 * day, { from: 31 * day })
    expect(await codeOf(key.secret)).toBe('ok')
    await sweepUntil(62 * day, { from: 60 * day })
    expect(await codeOf(key.secret)).toBe('disabled_key')
  })

  test('ends once, whoever sweeps, and never when a use is saved first', async () => {
    await setPolicy(unused)
    const all = await Promise.all(Array.from({ length: 12 }, () => createKey()))
    await sweepUntil(29 * day)
    state.now = after(30 * day + 2 * minute)
    const used = all.slice(0, 6)
    const uses = used.map(async ({ keyId }) => {
      await useAt(keyId, 30 * day)
      return statusOf(keyId)
    })
    const [seen] = await Promise.all([Promise.all(uses), ...Array.from({ length: 4 }, runSweeps)])
    await runSweeps()
    for (const [index, { keyId }] of all.entries()) {
      const ended = await auditOf('keys.disable', keyId)
      expect(ended).toHaveLength((await statusOf(keyId)) === 'disabled' ? 1 : 0)
      if (index >= used.length) expect(ended).toHaveLength(1)
      else if (seen[index] === 'active') expect(ended).toEqual([])
    }
  })

  test('of two policies ends by the sooner one; a key of another workspace stays', async () => {
    await setPolicy(unused)
    await setPolicy({ whenUnused: { for: '720h', do: 'revoke' } }, null)
    expect((await management.query('policies.get', { workspaceId })).data.effective.whenUnused).toEqual({ for: '720h', do: 'revoke' })
    await setPolicy({}, null)
    const other = (await management.mutate('workspaces.create', { name: newId('workspace') })).data.workspace.id
    const [mine, theirs] = [await createKey(), await createKey({ workspaceId: other })]
    await sweepUntil(32 * day)
    expect([await codeOf(mine.secret), await codeOf(theirs.secret)]).toEqual(['disabled_key', 'ok'])
  })
})

describe('the rotation of a key', () => {
  test('is asked for 30, 7 and 1 day before its newest secret is too old, and then, each once; a rotation begins anew', async () => {
    await setPolicy({ rotateEvery: '60d' })
    const key = await createKey()
    await sweepUntil(54 * day)
    expect(await saidOf(key.keyId)).toEqual([[30, 'key.rotation_due', '30d'], [53, 'key.rotation_due', '7d']])
    await rotate(key.keyId)
    await sweepUntil(118 * day, { from: 54 * day })
    expect((await saidOf(key.keyId)).filter(([, kind]) => kind === 'key.rotation_due').slice(2)).toEqual([
      [84, 'key.rotation_due', '30d'], [107, 'key.rotation_due', '7d'], [113, 'key.rotation_due', '1d'], [114, 'key.rotation_due'],
    ])
    const { data } = (await management.query('alerts.list', { workspaceId, subject: key.keyId, kind: 'key.rotation_due' })).data
    expect(data[0].detail).toEqual({
      name: 'CI', version: 2, secretSince: after(54 * day).toISOString(), dueAt: after(114 * day).toISOString(), warnBefore: null,
    })
  })

  test('of one that was overdue begins anew too, and an old secret that still lives is not asked about', async () => {
    await setPolicy({ rotateEvery: '10d' })
    const key = await createKey()
    await sweepUntil(12 * day)
    await rotate(key.keyId, '9d')
    await sweepUntil(22 * day, { from: 12 * day })
    expect((await saidOf(key.keyId)).filter(([, kind]) => kind === 'key.rotation_due')).toEqual([
      [3, 'key.rotation_due', '7d'], [9, 'key.rotation_due', '1d'], [10, 'key.rotation_due'],
      [15, 'key.rotation_due', '7d'], [21, 'key.rotation_due', '1d'], [22, 'key.rotation_due'],
    ])
  })

  test('is not asked for of a key that ends before, and is of one whose end is moved', async () => {
    await setPolicy({ rotateEvery: '60d', warnBefore: [] })
    const key = await createKey({ expiresIn: '60d' })
    await sweepUntil(20 * day)
    await management.mutate('keys.update', { keyId: key.keyId, expiresIn: '90d' })
    await sweepUntil(61 * day, { from: 20 * day })
    expect(await saidOf(key.keyId)).toEqual([[60, 'key.rotation_due']])
  })

  test('that is overdue is among the violations until it is done', async () => {
    const key = await createKey()
    const expired = await createKey({ expiresIn: '1d' })
    await setPolicy({ rotateEvery: '60d' })
    const overdue = async () => (await management.query('policies.violations', { workspaceId, limit: 100 })).data.data
      .filter((each: { keyId: string }) => [key.keyId, expired.keyId].includes(each.keyId))
    state.now = after(60 * day - 1)
    expect(await overdue()).toEqual([])
    state.now = after(60 * day)
    const message = `the policy rotateEvery asks for a rotation every 60d; it was due at ${after(60 * day).toISOString()}`
    expect(await overdue()).toEqual([{ keyId: key.keyId, name: 'CI', rules: [{ rule: 'rotateEvery', message }] }])
    await rotate(key.keyId)
    expect(await overdue()).toEqual([])
  })

  test('leaves no secret beside the new one for longer than until the next', async () => {
    await setPolicy({ rotateEvery: '60d' })
    const key = await createKey()
    for (const overlap of ['61d', { untilSilentFor: '1d', atMost: '61d' }]) {
      const { status, error } = await rotate(key.keyId, overlap)
      expect([status, error.data.issues]).toEqual([
        400, [{ path: 'overlap', message: 'the policy rotateEvery asks for a rotation every 60d; no overlap may be longer' }],
      ])
    }
    expect((await rotate(key.keyId, '60d')).data.version).toBe(2)
  })

  test('is free of the rules that the key broke before: a refusal would let its old secret live', async () => {
    const key = await createKey({ scopes: ['contacts:read', 'campaigns:send'] })
    await setPolicy({ expiryRequired: true, ipListRequired: true, forbiddenScopes: [['contacts:read', 'campaigns:send']] })
    expect((await rotate(key.keyId)).status).toBe(200)
  })
})

test('keys that time asks nothing of are not looked at again', async () => {
  const key = await createKey()
  await runSweeps()
  const { rows } = await sql<{ never: boolean }>`select next_look_at is null as never from keys where id = ${key.keyId}`.execute(db)
  expect(rows).toEqual([{ never: true }])
})
