import { definePeppers, digestKey } from '@letterlock/keys/digest'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { after, now } from '../test/samples.ts'
import { type Facets, keyFormat, secretsOf, startFreshRig, startRig, type Versions } from '../test/verifier-rig.ts'
import type { VerifyRequest } from './policy/verify-request.ts'

/** Texts of any UTF-16 units, unpaired surrogates among them. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 100 }).map((units) => String.fromCharCode(...units))

/** A verifier of one stored key; `warm` asks twice, so that the second answer comes from memory. */
async function start(temperature: 'cold' | 'warm', facets: Facets = {}, versions: Versions = [{}]) {
  const rig = temperature === 'warm' ? await startFreshRig() : startRig()
  const key = rig.addKey(facets, versions)
  const verify = async (request: Partial<VerifyRequest> = {}) => {
    const ask = { ...request, key: request.key ?? key.token }
    if (temperature === 'warm') await rig.verify(ask.key, { ...ask, cost: 0 })
    return rig.verify(ask.key, ask)
  }
  return { ...rig, ...key, verify }
}

describe.each(['cold', 'warm'] as const)('verify() of a %s key', (temperature) => {
  test('answers ok with the record, the secret version and the state of the default limit', async () => {
    const { verify, record } = await start(temperature)
    expect(await verify()).toEqual({
      code: 'ok', record, secretVersion: 1, superseded: false, secretRetiresAt: null, limitStore: 'shared',
      limits: [{ name: 'default', count: 1_000, periodMs: 10_000, burst: 1_000, remaining: 999, resetMs: 10 }],
    })
  })

  test('hands no digest out', async () => {
    const { verify } = await start(temperature)
    expect(JSON.stringify(await verify())).not.toMatch(/digest|pepper/)
  })

  test('tells the versions apart, and that an older one is superseded', async () => {
    const { verify, tokens } = await start(temperature, {}, [{ retiresAt: after(1) }, {}])
    expect(await verify({ key: tokens[0] ?? '' })).toMatchObject({ code: 'ok', secretVersion: 1, superseded: true })
    expect(await verify({ key: tokens[1] ?? '' })).toMatchObject({ code: 'ok', secretVersion: 2, superseded: false })
  })

  test('answers retired_secret for a version whose time is over, and ok for the next', async () => {
    const { verify, tokens } = await start(temperature, {}, [{ retiresAt: now }, {}])
    expect(await verify({ key: tokens[0] ?? '' })).toMatchObject({
      code: 'retired_secret', retiredAt: now, secretVersion: 1, superseded: true, limits: [],
    })
    expect(await verify({ key: tokens[1] ?? '' })).toMatchObject({ code: 'ok' })
  })

  test('answers expired_key from the moment on, though nothing changed in the store', async () => {
    const { verify, pass } = await start(temperature, { expiresAt: after(10) })
    expect(await verify()).toMatchObject({ code: 'ok' })
    pass(9)
    expect(await verify()).toMatchObject({ code: 'ok' })
    pass(1)
    expect(await verify()).toMatchObject({ code: 'expired_key', expiredAt: after(10), explanation: expect.stringContaining('expired') })
  })

  test('answers every wrong text with invalid_key alone, whatever the state of the key', async () => {
    const states: Facets[] = [{}, { status: 'revoked' }, { status: 'disabled' }, { expiresAt: now }, { workspaceStatus: 'suspended' }, { scopes: [] }]
    for (const state of states) {
      const { verify, id } = await start(temperature, state)
      const wrongSecret = keyFormat.issue({ mode: 'live', keyId: id }).token
      const otherMode = keyFormat.issue({ mode: 'test', keyId: id }).token
      const unknown = keyFormat.issue({ mode: 'live' }).token
      for (const key of [wrongSecret, otherMode, unknown, '', 'garbage', `${wrongSecret} `, wrongSecret.slice(0, -1)]) {
        expect(await verify({ key })).toEqual({ code: 'invalid_key' })
      }
    }
  })

  test('answers invalid_key alone for any text, and reads nothing for garbage', async () => {
    const { verify, counts } = await start(temperature)
    await fc.assert(fc.asyncProperty(anyText, async (key) => {
      expect(await verify({ key })).toEqual({ code: 'invalid_key' })
    }))
    expect(counts.reads).toBe(0)
  })

  test('answers invalid_key for a key of another mode', async () => {
    const { verify, counts } = await start(temperature, { mode: 'root', workspaceId: null, environmentId: null })
    expect(await verify()).toEqual({ code: 'invalid_key' })
    expect(counts.reads).toBe(0)
    expect(await verify({ modes: ['root'] })).toMatchObject({ code: 'ok' })
    expect(await verify()).toEqual({ code: 'invalid_key' })
  })

  test('lets exactly the burst of 100 calls at once through', async () => {
    const { verify } = await start(temperature, { rateLimits: [{ name: 'tight', limit: '10/1m' }, { name: 'wide', limit: '1000/1m' }] })
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => verify()))
    expect(outcomes.filter(({ code }) => code === 'ok')).toHaveLength(10)
    expect(outcomes.at(-1)).toMatchObject({
      code: 'rate_limited', limitName: 'tight', retryAfterMs: 6_000, secretVersion: 1, explanation: expect.stringContaining('tight'),
      limits: [{ name: 'tight', remaining: 0 }, { name: 'wide', remaining: 990 }],
    })
  })

  test('charges nothing for what is refused, and states the limits beside a 403', async () => {
    const { verify } = await start(temperature, { rateLimits: [{ name: 'tight', limit: '2/1m' }] })
    for (let i = 0; i < 5; i++) {
      expect(await verify({ scope: 'lists:read' })).toMatchObject({ code: 'insufficient_scope', limits: [{ name: 'tight', remaining: 2 }] })
    }
    expect(await verify()).toMatchObject({ code: 'ok', limits: [{ remaining: 1 }] })
  })

  test('takes the cost of the request, and only looks for a cost of 0', async () => {
    const { verify } = await start(temperature, { rateLimits: [{ name: 'tight', limit: '10/1m' }] })
    expect(await verify({ cost: 7 })).toMatchObject({ code: 'ok', limits: [{ remaining: 3 }] })
    expect(await verify({ cost: 0 })).toMatchObject({ code: 'ok', limits: [{ remaining: 3 }] })
    expect(await verify({ cost: 4 })).toMatchObject({ code: 'rate_limited', limits: [{ remaining: 3 }] })
    expect(await verify({ cost: 11 })).toMatchObject({ code: 'rate_limited', retryAfterMs: Infinity })
  })

  test.each([-1, 0.5, NaN, Infinity])('throws for a cost of %s', async (cost) => {
    const { verify } = await start('cold')
    await expect(verify({ cost })).rejects.toThrow(RangeError)
  })
})

describe('verify() of a token that was not proven before', () => {
  test('reads once and computes a digest for each pepper, for a right key, a wrong secret and an unknown id alike', async () => {
    const { counts, verify, id, tokens } = await start('cold', {}, [{}, {}, { pepper: 'v1' }])
    const keys = [...tokens, keyFormat.issue({ mode: 'live', keyId: id }).token, keyFormat.issue({ mode: 'live' }).token]
    for (const key of keys.slice(0, 2).concat(keys.slice(3))) {
      Object.assign(counts, { reads: 0, digests: 0 })
      await verify({ key })
      expect(counts).toMatchObject({ reads: 1, digests: 2 })
    }
  })

  test('does not look at the record before the secret is proven', async () => {
    const { verify, id, world, token } = await start('cold')
    const { record, secrets } = world.stored.get(id) ?? {}
    let looks = 0
    world.stored.set(id, { secrets: secrets ?? [], get record() { looks += 1; return record as NonNullable<typeof record> } })
    await verify({ key: keyFormat.issue({ mode: 'live', keyId: id }).token })
    expect(looks).toBe(0)
    await verify({ key: token })
    expect(looks).toBe(1)
  })

  test('proves versions under an older pepper', async () => {
    const { verify, tokens } = await start('cold', {}, [{ pepper: 'v1' }, { pepper: 'v2' }])
    expect(await verify({ key: tokens[0] ?? '' })).toMatchObject({ code: 'ok', secretVersion: 1 })
    expect(await verify({ key: tokens[1] ?? '' })).toMatchObject({ code: 'ok', secretVersion: 2 })
  })

  test('refuses a version whose pepper is not configured, and reports it', async () => {
    const { verify, id, seen } = await start('cold', {}, [{ pepper: 'v3' }])
    expect(await verify()).toEqual({ code: 'invalid_key' })
    expect(seen.unknownPeppers).toEqual([{ keyId: id, pepperVersion: 'v3' }])
  })

  test('refuses everything of a key without secrets', async () => {
    const { verify, id } = await start('cold', {}, [])
    expect(await verify({ key: keyFormat.issue({ mode: 'live', keyId: id }).token })).toEqual({ code: 'invalid_key' })
  })

  test('says how to store a secret that was proven under an older pepper', async () => {
    const { verify, tokens, id, seen } = await start('cold', {}, [{ pepper: 'v1' }])
    expect((await verify()).code).toBe('ok')
    const [newest] = definePeppers([{ version: 'v2', secret: secretsOf.v2 }])
    const { digest } = digestKey(tokens[0] ?? '', newest)
    expect(seen.oldPeppers).toEqual([{ keyId: id, secretVersion: 1, oldPepperVersion: 'v1', newPepperVersion: 'v2', digest }])
  })

  test('says nothing of the newest pepper, nor of a secret that was not proven', async () => {
    const fresh = await start('cold', {}, [{ pepper: 'v2' }])
    await fresh.verify()
    const old = await start('cold', {}, [{ pepper: 'v1' }])
    await old.verify({ key: keyFormat.issue({ mode: 'live', keyId: old.id }).token })
    expect([...fresh.seen.oldPeppers, ...old.seen.oldPeppers]).toEqual([])
  })
})
