import { usage } from '@letterlock/db'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { after, createRotationRig, day, hour, type RotationRig, start } from './rotation-rig.ts'

let rig: RotationRig
beforeAll(async () => {
  rig = await createRotationRig()
  for (let ahead = -40; ahead <= 1; ahead++) await usage.createPartitionsAhead(rig.management.db, after(ahead * day))
})
beforeEach(() => {
  rig.management.state.now = start
})
afterAll(() => rig.management.database.drop())

const scopes = ['lists:read', 'lists:write', 'contacts:read', 'emails:send']
const quarantine = (keyId: string, input: object = {}) => rig.management.mutate('keys.quarantine', { keyId, ...input })
const release = (keyId: string, options: object = {}) => rig.management.mutate('keys.release', { keyId }, options)
const codeOf = async (secret: string, scope: string | null, ip: string | null) => (await rig.management.verify(secret, scope, ip)).code

describe('keys.quarantine', () => {
  test('leaves a key what reads, from the networks it was known from a day ago, and says to others that it is in quarantine', async () => {
    const key = await rig.createKey({ scopes })
    await rig.use(key, 1, { at: after(-3 * day), ip: '198.51.100.7' })
    await rig.use(key, 1, { at: after(-25 * hour), ip: '2001:db8:1::7' })
    await rig.use(key, 1, { at: after(-23 * hour), ip: '203.0.113.66' }) // the finder
    const { data } = await quarantine(key.keyId, { reason: 'alarm' })
    expect(data.key).toMatchObject({ status: 'active', scopes, quarantine: { at: start.toISOString(), reason: 'alarm', networks: ['2001:db8:1::/48', '198.51.100.0/24'] } })
    const { secret } = key
    expect(await codeOf(secret, 'lists:read', '198.51.100.200')).toBe('ok')
    expect(await codeOf(secret, 'contacts:read', '2001:db8:1:9::1')).toBe('ok')
    expect(await codeOf(secret, null, '198.51.100.200')).toBe('ok')
    expect(await codeOf(secret, 'lists:write', '198.51.100.200')).toBe('key_quarantined')
    expect(await codeOf(secret, 'emails:send', '198.51.100.200')).toBe('key_quarantined')
    expect(await codeOf(secret, 'lists:read', '203.0.113.66')).toBe('key_quarantined')
    expect(await codeOf(secret, 'lists:read', null)).toBe('key_quarantined')
    expect(await codeOf(`${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`, 'lists:read', '198.51.100.200')).toBe('invalid_key')
  })

  test('lets nobody in where no network is known, and keeps to the list of a key that has one', async () => {
    const [fresh, listed] = [await rig.createKey({ scopes }), await rig.createKey({ scopes, ipAllow: ['192.0.2.7'] })]
    await quarantine(fresh.keyId)
    await quarantine(listed.keyId)
    for (const ip of ['192.0.2.7', '0.0.0.1', '::1']) expect([ip, await codeOf(fresh.secret, 'lists:read', ip)]).toEqual([ip, 'key_quarantined'])
    expect([await codeOf(listed.secret, 'lists:read', '192.0.2.7'), await codeOf(listed.secret, 'lists:read', '192.0.2.8')]).toEqual(['ok', 'key_quarantined'])
  })

  test('slows it down to 60 requests a minute', async () => {
    const { keyId, secret } = await rig.createKey({ scopes, ipAllow: ['192.0.2.7'] })
    await quarantine(keyId)
    const codes = []
    for (let turn = 0; turn < 61; turn++) codes.push(await codeOf(secret, 'lists:read', '192.0.2.7'))
    expect(codes).toEqual([...Array.from({ length: 60 }, () => 'ok'), 'rate_limited'])
  })

  test('is done once, told once, and noted in the audit log; a disabled key stays disabled, a revoked one is refused', async () => {
    const key = await rig.createKey({ scopes })
    const first = await quarantine(key.keyId, { reason: 'alarm' })
    rig.management.state.now = after(1)
    expect((await quarantine(key.keyId, { reason: 'again' })).data).toEqual(first.data)
    expect(await rig.alertsOf(key.keyId)).toMatchObject([{ kind: 'key.quarantined', detail: { name: 'CI', reason: 'alarm' } }])
    expect(await rig.auditOf('keys.quarantine', key.keyId)).toMatchObject([{ after: { quarantine: { reason: 'alarm', networks: ['0.0.0.0/32'] } } }])
    const disabled = await rig.createKey({ scopes })
    await rig.management.mutate('keys.disable', { keyId: disabled.keyId })
    await quarantine(disabled.keyId)
    expect(await codeOf(disabled.secret, 'lists:read', '192.0.2.7')).toBe('disabled_key')
    await rig.management.mutate('keys.revoke', { keyId: disabled.keyId })
    expect((await quarantine(disabled.keyId)).error.data.code).toBe('invalid_state')
    expect(await codeOf(disabled.secret, 'lists:read', '192.0.2.7')).toBe('revoked_key')
  })

  test('holds for what is changed meanwhile', async () => {
    const { keyId, secret } = await rig.createKey({ scopes: ['lists:read'], ipAllow: ['192.0.2.7'] })
    await quarantine(keyId)
    await rig.management.mutate('keys.update', { keyId, scopes: ['lists:read', 'lists:write', 'emails:read'], ipAllow: [] })
    expect([await codeOf(secret, 'emails:read', '192.0.2.7'), await codeOf(secret, 'lists:write', '192.0.2.7'), await codeOf(secret, 'lists:read', '192.0.2.8')])
      .toEqual(['ok', 'key_quarantined', 'key_quarantined'])
    await release(keyId)
    expect([await codeOf(secret, 'lists:write', '192.0.2.7'), await codeOf(secret, 'lists:read', '192.0.2.8')]).toEqual(['ok', 'ok'])
  })
})

describe('keys.release', () => {
  test('gives everything back, once, with a row in the audit log', async () => {
    const { keyId, secret } = await rig.createKey({ scopes })
    const { data: unchanged } = await release(keyId)
    await quarantine(keyId, { reason: 'alarm' })
    const { data } = await release(keyId)
    expect(data.key).toMatchObject({ scopes, quarantine: null })
    expect([await codeOf(secret, 'emails:send', '192.0.2.9'), await codeOf(secret, 'lists:read', null)]).toEqual(['ok', 'ok'])
    expect((await release(keyId)).data.revision).toBe(data.revision)
    expect(unchanged.revision).toBeLessThan(data.revision)
    expect(await rig.auditOf('keys.release', keyId)).toMatchObject([{ before: { quarantine: { reason: 'alarm' } }, after: { quarantine: null } }])
  })

  test('is refused to a root key that could not grant what comes back', async () => {
    const { keyId } = await rig.createKey({ scopes })
    await quarantine(keyId)
    const bounded = await rig.management.addRootKey(['keys:write'], { grants: ['lists:read'] })
    expect((await release(keyId, { key: bounded })).status).toBe(403)
  })
})

test('leaks.blastRadius tells what was done since a moment, from where, and which networks are new', async () => {
  const key = await rig.createKey({ scopes })
  const other = await rig.createKey({ scopes })
  await rig.use(key, 1, { at: after(-3 * day), ip: '198.51.100.7', requests: 5 })
  await rig.use(key, 1, { at: after(-2 * hour), ip: '198.51.100.9', requests: 2 })
  await rig.use(key, 1, { at: after(-hour), ip: '203.0.113.66', userAgent: 'python-requests/2', requests: 40 })
  await rig.use(other, 1, { at: after(-hour), requests: 7 })
  const ask = { keyId: key.keyId, since: after(-day).toISOString() }
  const { data } = await rig.management.query('leaks.blastRadius', ask)
  expect(data).toEqual({
    from: ask.since, to: start.toISOString(), requests: 42, isComplete: true,
    operations: [{ operation: 'lists.list', scope: 'lists:read', requests: 42 }],
    scopes: ['lists:read'],
    networks: [
      { range: '203.0.113.0/24', isNew: true, requests: 40, firstSeenAt: after(-hour).toISOString(), lastSeenAt: after(-hour).toISOString(), userAgents: ['python-requests/2'] },
      { range: '198.51.100.0/24', isNew: false, requests: 2, firstSeenAt: after(-2 * hour).toISOString(), lastSeenAt: after(-2 * hour).toISOString(), userAgents: ['letterlock-js/1.2.3'] },
    ],
    mailings: { emails: 0, campaigns: 0 },
  })
  expect((await rig.management.query('leaks.blastRadius', { ...ask, keyId: 'key_01k8zv3hq5e7tbd6j2m9w4xypn' })).status).toBe(404)
})
