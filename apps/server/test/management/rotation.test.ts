import { newId } from '@letterlock/contract'
import { auditEvents, keySecrets } from '@letterlock/db'
import { letterlockKeys } from '@letterlock/keys'
import { digestKey, definePeppers } from '@letterlock/keys/digest'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { after, createRotationRig, day, hour, start } from './rotation-rig.ts'

const rig = await createRotationRig()
const { management, workspaceId, createKey, rotate, retire, secretsOf, codeOf, runSweeps, auditOf, alertsOf, use } = rig
beforeEach(() => void (management.state.now = start))
afterAll(() => management.database.drop())

describe('keys.rotate', () => {
  test('gives the same key another secret: id, limits and policy stay, and both secrets work until the overlap ends', async () => {
    const { keyId, key, secret } = await createKey()
    const rotated = await rotate(keyId, '1h')
    expect(rotated.data).toEqual({
      key, secret: expect.stringContaining(`ll_live_${keyId.slice(4)}`), version: 2, retiresAt: after(hour).toISOString(), revision: expect.any(Number),
    })
    expect(rotated.data.secret).not.toBe(secret)
    expect(await management.verify(secret)).toMatchObject({ code: 'ok', secretVersion: 1, superseded: true, secretRetiresAt: after(hour) })
    expect(await management.verify(rotated.data.secret)).toMatchObject({ code: 'ok', secretVersion: 2, superseded: false, secretRetiresAt: null })
    management.state.now = after(hour - 1)
    expect(await codeOf(secret)).toBe('ok')
    management.state.now = after(hour)
    expect([await codeOf(secret), await codeOf(rotated.data.secret)]).toEqual(['retired_secret', 'ok'])
    const wrong = letterlockKeys.issue({ mode: 'live', keyId }).token
    expect(await codeOf(wrong)).toBe('invalid_key')
  })

  test('overlaps for a day unless it is told otherwise, and not at all with 0s', async () => {
    const { keyId, secret } = await createKey()
    const first = await rotate(keyId)
    expect(first.data.retiresAt).toBe(after(day).toISOString())
    const second = await rotate(keyId, '0s')
    expect(await Promise.all([secret, first.data.secret, second.data.secret].map(codeOf))).toEqual(['retired_secret', 'retired_secret', 'ok'])
  })

  test('is capped by the end of the key itself, in every form', async () => {
    for (const overlap of ['24h', { untilSilentFor: '1h', atMost: '30d' }]) {
      const { keyId, key } = await createKey({ expiresIn: '2h' })
      expect((await rotate(keyId, overlap)).data.retiresAt).toBe(key.expiresAt)
    }
  })

  test('lets no earlier secret live longer than it was to, nor longer than the one it followed', async () => {
    const { keyId } = await createKey()
    await rotate(keyId, '2h')
    await rotate(keyId, { untilSilentFor: '1h', atMost: '30d' })
    await rotate(keyId, '10d')
    const ends = (await secretsOf(keyId)).map((each: { retiresAt: string; untilSilentForMs: number }) => [each.retiresAt, each.untilSilentForMs])
    expect(ends).toEqual([[null, null], [after(10 * day).toISOString(), null], [after(10 * day).toISOString(), hour], [after(2 * hour).toISOString(), null]])
  })

  test('refuses a sixth live secret and names them; with 0s it ends all of them', async () => {
    const { keyId } = await createKey()
    for (let i = 0; i < 4; i++) expect((await rotate(keyId, '1h')).status).toBe(200)
    const { status, error } = await rotate(keyId, '1h')
    expect([status, error.data]).toMatchObject([409, { code: 'invalid_state', liveVersions: [5, 4, 3, 2, 1] }])
    expect((await rotate(keyId, '0s')).data.version).toBe(6)
    expect((await rotate(keyId, '1h')).data.version).toBe(7)
  })

  test('lets no secret that lives fall behind the newest twenty, which are all that a check looks at', async () => {
    const { keyId, secret } = await createKey()
    await rotate(keyId, '30d')
    for (let version = 3; version <= 20; version++) {
      expect((await rotate(keyId, '30d')).data.version).toBe(version)
      await retire(keyId, version - 1)
    }
    expect(await codeOf(secret)).toBe('ok')
    const { status, error } = await rotate(keyId, '30d')
    expect([status, error.data.liveVersions]).toEqual([409, [20, 1]])
    await retire(keyId, 1)
    expect((await rotate(keyId, '30d')).data.version).toBe(21)
  })

  test('rotates a disabled key, and no revoked or expired one', async () => {
    const { keyId, secret } = await createKey({ expiresIn: '1h' })
    await management.mutate('keys.disable', { keyId })
    const rotated = (await rotate(keyId, '0s')).data
    expect(rotated.key.status).toBe('disabled')
    expect(await codeOf(rotated.secret)).toBe('disabled_key')
    await management.mutate('keys.enable', { keyId })
    expect([await codeOf(secret), await codeOf(rotated.secret)]).toEqual(['retired_secret', 'ok'])
    management.state.now = after(hour)
    expect((await rotate(keyId)).error.message).toContain('expired')
    management.state.now = start
    await management.mutate('keys.revoke', { keyId })
    const { status, error } = await rotate(keyId)
    expect([status, error.data.code]).toEqual([409, 'invalid_state'])
    expect((await secretsOf(keyId)).length).toBe(2)
  })

  test('is audited without any secret, and is one change of the key', async () => {
    const { keyId } = await createKey()
    const { data } = await rotate(keyId, '1h')
    const [row] = await auditOf('keys.rotate', keyId)
    expect(row).toMatchObject({
      workspace_id: workspaceId, before: { version: 1 }, after: { version: 2, retiresAt: after(hour).toISOString(), untilSilentForMs: null }, revision: data.revision,
    })
    expect(JSON.stringify(row)).not.toContain(data.secret.slice(-38))
    expect(await management.db.selectFrom('change_log').select(['kind', 'id']).where('revision', '=', data.revision).execute()).toEqual([{ kind: 'key', id: keyId }])
  })

  test.each<[unknown, string]>([
    ['a day', 'overlap'], ['366d', 'overlap'], [24, 'overlap'], [{ untilSilentFor: '7d' }, 'overlap.atMost'],
    [{ untilSilentFor: '4m', atMost: '1d' }, 'overlap.untilSilentFor'], [{ untilSilentFor: '7d', atMost: '366d' }, 'overlap.atMost'],
    [{ untilSilentFor: '7d', atMost: '1d' }, 'overlap.atMost'], [{ untilSilentFor: '7d', atMost: '8d', now: true }, 'overlap.now'],
  ])('refuses the overlap %j and names the field', async (overlap, path) => {
    const { keyId } = await createKey()
    const { status, error } = await rotate(keyId, overlap)
    expect([status, error.data.issues[0].path]).toEqual([400, path])
  })

  test('answers 404 for an unknown key and for a root key', async () => {
    const root = (await management.mutate('rootKeys.create', { name: 'CI', scopes: [] })).data.rootKey.id
    for (const keyId of [newId('key'), root]) expect((await rotate(keyId)).status).toBe(404)
  })

  test('a secret of any version moves to a new pepper by itself', async () => {
    const { keyId, secret } = await createKey()
    const { data } = await rotate(keyId, '1h')
    const [newer] = definePeppers([{ version: 'v2', secret: randomBytes(32) }])
    const { digest } = digestKey(secret, newer)
    const move = { oldPepperVersion: 'v1', newPepperVersion: 'v2', digest }
    expect(await keySecrets.moveToPepper(management.db, keyId as never, { ...move, secretVersion: 1 })).toBe(true)
    expect(await keySecrets.moveToPepper(management.db, keyId as never, { ...move, secretVersion: 1 })).toBe(false)
    const rows = await management.db.selectFrom('key_secrets').select(['version', 'pepper_version', 'retires_at']).where('key_id', '=', keyId).orderBy('version').execute()
    expect(rows).toEqual([{ version: 1, pepper_version: 'v2', retires_at: after(hour) }, { version: 2, pepper_version: 'v1', retires_at: null }])
    expect(await codeOf(data.secret)).toBe('ok')
  })
})

describe('keys.retireSecret', () => {
  test('retires an old secret at once, with the evidence in its row, the audit log and an alert', async () => {
    const key = await createKey()
    const { secret } = (await rotate(key.keyId, '1h')).data
    await use(key, 1, { at: after(1_000), requests: 3 })
    await use(key, 1, { at: after(2_000), ip: '198.51.100.9', userAgent: 'curl/8' })
    await use(key, 2, { at: after(3_000), requests: 5 })
    management.state.now = after(60_000)
    const { data } = await retire(key.keyId, 1, { reason: 'leaked' })
    const evidence = {
      reason: 'leaked', lastUsedAt: after(2_000).toISOString(), lastUsedIp: '198.51.100.9', lastUserAgent: 'curl/8',
      requests: { from: start.toISOString(), isComplete: true, old: 4, newer: 5 },
      callers: [
        { ip: '198.51.100.9', userAgent: 'curl/8', requests: 1, lastSeenAt: after(2_000).toISOString() },
        { ip: '192.0.2.7', userAgent: 'letterlock-js/1.2.3', requests: 3, lastSeenAt: after(1_000).toISOString() },
      ],
    }
    const retirement = { retiredAt: after(60_000).toISOString(), cause: 'retired_by_call', evidence }
    expect(data.secretVersion).toMatchObject({ version: 1, isLive: false, retiresAt: after(60_000).toISOString(), retirement })
    expect((await secretsOf(key.keyId))[1]).toEqual(data.secretVersion)
    expect([await codeOf(key.secret), await codeOf(secret)]).toEqual(['retired_secret', 'ok'])
    expect(await auditOf('keys.retireSecret', key.keyId)).toMatchObject([{ before: { version: 1, isLive: true }, after: { version: 1, isLive: false, ...retirement } }])
    expect(await alertsOf(key.keyId)).toMatchObject([{
      kind: 'key.secret_retired', detail: { version: 1, cause: 'retired_by_call', reason: 'leaked', lastUsedIp: '198.51.100.9', requestsOld: 4, requestsNewer: 5 },
    }])
  })

  test('leaves one that has ended as it is, whoever ended it, and the revision too', async () => {
    const { keyId } = await createKey()
    await rotate(keyId, '1h')
    const first = (await retire(keyId, 1, { reason: 'first' })).data
    expect((await retire(keyId, 1, { reason: 'second' })).data).toEqual(first)
    await rotate(keyId, '0s')
    const { secretVersion, revision } = (await retire(keyId, 2)).data
    expect([secretVersion.isLive, secretVersion.retirement, revision]).toEqual([false, null, first.revision + 1])
    expect(await alertsOf(keyId)).toHaveLength(1)
  })

  test('refuses the newest, and a version that never was', async () => {
    const { keyId } = await createKey()
    expect((await retire(keyId, 1)).error).toMatchObject({ data: { code: 'invalid_state' }, message: expect.stringContaining('revoke') })
    await rotate(keyId, '1h')
    expect((await retire(keyId, 2)).status).toBe(409)
    expect((await retire(keyId, 3)).error.message).toBe('The key has no secret of this version.')
    expect((await retire(newId('key'), 1)).status).toBe(404)
    expect((await retire(keyId, 0)).error.data.issues[0].path).toBe('version')
  })

  test('retires secrets of disabled and revoked keys too', async () => {
    const { keyId } = await createKey()
    await rotate(keyId, '1h')
    await management.mutate('keys.revoke', { keyId })
    expect((await retire(keyId, 1)).data.secretVersion.isLive).toBe(false)
    expect(await alertsOf(keyId)).toEqual([])
  })
})

describe('keys.drain', () => {
  test('splits requests since the rotation into old and new, and names who has the old secret', async () => {
    const key = await createKey()
    await use(key, 1, { at: after(-60_000), requests: 7 })
    await rotate(key.keyId, '1d')
    await use(key, 1, { at: after(1_000), requests: 2, ip: '198.51.100.9', userAgent: 'letterlock-js/1.0.0 node/26' })
    await use(key, 1, { at: after(5_000), ip: '203.0.113.5', userAgent: 'curl/8' })
    await use(key, 2, { at: after(9_000), requests: 4 })
    await use(await createKey(), 1, { at: after(9_000), requests: 9 })
    management.state.now = after(60_000)
    const { data } = await management.query('keys.drain', { keyId: key.keyId })
    expect(data).toMatchObject({ from: start.toISOString(), isComplete: true, newestVersion: 2, requests: { old: 3, newest: 4 }, hasMoreCallers: false })
    expect(data.callers).toMatchObject([
      { version: 1, isSuperseded: true, ip: '203.0.113.5', userAgent: 'curl/8', sdk: null, requests: 1, refused: 0 },
      { version: 1, isSuperseded: true, ip: '198.51.100.9', sdk: { name: 'letterlock-js', version: '1.0.0' }, requests: 2, lastSeenAt: after(1_000).toISOString() },
      { version: 2, isSuperseded: false, sdk: { name: 'letterlock-js', version: '1.2.3' }, requests: 4 },
    ])
    const since = after(-day).toISOString()
    expect((await management.query('keys.drain', { keyId: key.keyId, since })).data.requests).toEqual({ old: 10, newest: 4 })
  })

  test('shows who still knocks with a retired secret', async () => {
    const key = await createKey()
    await rotate(key.keyId, '0s')
    await use(key, 1, { at: after(1_000), requests: 3, outcome: 'retired_secret' })
    management.state.now = after(60_000)
    const { data } = await management.query('keys.drain', { keyId: key.keyId })
    expect([data.requests, data.callers]).toMatchObject([{ old: 0, newest: 0 }, [{ version: 1, requests: 0, refused: 3 }]])
  })

  test('names a hundred callers at most, and counts the rest', async () => {
    const key = await createKey()
    await rotate(key.keyId, '1d')
    for (let i = 0; i < 101; i++) await use(key, 1, { at: after(i), ip: `192.0.2.${i}` })
    await use(key, 2, { at: after(500) })
    management.state.now = after(60_000)
    const { data } = await management.query('keys.drain', { keyId: key.keyId })
    expect([data.callers.length, data.hasMoreCallers, data.requests]).toEqual([100, true, { old: 101, newest: 1 }])
  })

  test('answers 404 for an unknown key, and 400 for a time that is none', async () => {
    expect((await management.query('keys.drain', { keyId: newId('key') })).status).toBe(404)
    const { error } = await management.query('keys.drain', { keyId: newId('key'), since: 'yesterday' })
    expect(error.data.issues[0].path).toBe('since')
  })
})

describe('sweep()', () => {
  test('notes an overlap that has ended once, at the moment it ended, and decides about no request by it', async () => {
    const key = await createKey()
    await rotate(key.keyId, '1h')
    management.state.now = after(hour - 1)
    await runSweeps()
    expect(await alertsOf(key.keyId)).toEqual([])
    management.state.now = after(hour + 30_000)
    await Promise.all([runSweeps(), runSweeps(), runSweeps()])
    const [, old] = await secretsOf(key.keyId)
    expect(old).toMatchObject({ isLive: false, retirement: { retiredAt: after(hour).toISOString(), cause: 'overlap_ended', evidence: { requests: { old: 0, newer: 0 } } } })
    const events = await auditOf('secrets.retire', key.keyId)
    expect(events).toMatchObject([{ actor: 'system', after: { version: 1, cause: 'overlap_ended' } }])
    expect(await alertsOf(key.keyId)).toHaveLength(1)
    const changes = await management.db.selectFrom('change_log').select('kind').where('revision', '=', events[0]?.revision ?? 0).execute()
    expect(changes).toEqual([{ kind: 'record' }])
  })

  test('says who still used a secret that reached its latest end', async () => {
    const key = await createKey()
    await rotate(key.keyId, { untilSilentFor: '1h', atMost: '2h' })
    await use(key, 1, { at: after(2 * hour - 1_000), ip: '198.51.100.9', requests: 2 })
    management.state.now = after(2 * hour)
    await runSweeps()
    const [alert] = await alertsOf(key.keyId)
    expect(alert.detail).toMatchObject({ cause: 'at_most_reached', lastUsedIp: '198.51.100.9', requestsOld: 2, retiredAt: after(2 * hour).toISOString() })
    expect((await secretsOf(key.keyId))[1].retirement.evidence.callers).toMatchObject([{ ip: '198.51.100.9', requests: 2 }])
  })

  test('says overlap_ended of a secret whose silence a later rotation cut short', async () => {
    const { keyId } = await createKey()
    await rotate(keyId, { untilSilentFor: '1d', atMost: '2d' })
    await rotate(keyId, '0s')
    await runSweeps()
    expect((await secretsOf(keyId)).map((each: any) => each.retirement?.cause)).toEqual([undefined, 'overlap_ended', 'overlap_ended']) // oxlint-disable-line no-explicit-any
  })
})

test('the chain is intact at the end', async () => {
  expect(await auditEvents.verifyChain(management.db, workspaceId)).toMatchObject({ intact: true })
})
