import type { EnvironmentId } from '@letterlock/contract'
import { describe, expect, test } from 'vitest'
import { startFreshRig } from '../test/verifier-rig.ts'
import type { VerifierPorts } from './ports.ts'
import type { Taken } from './limits/take-tokens.ts'

const quota = { meter: 'emails.sent', amount: 2, reference: 'req_1' }

async function start(ports: Partial<VerifierPorts> = {}) {
  const rig = await startFreshRig({}, ports)
  const key = rig.addKey({ rateLimits: [{ name: 'tight', limit: '2/1m' }] })
  await rig.verify(key.token, { cost: 0 })
  return { ...rig, ...key }
}

describe('verify() with a quota', () => {
  test('takes from the quota of the environment after everything else said yes', async () => {
    const asked: unknown[] = []
    const takeQuota = async (environmentId: EnvironmentId, demand: object) => {
      asked.push([environmentId, demand])
      return { ok: true as const, used: 2 }
    }
    const { verify, token, record } = await start({ takeQuota })
    expect(await verify(token, { quota, scope: 'lists:read' })).toMatchObject({ code: 'insufficient_scope' })
    expect(asked).toEqual([])
    expect(await verify(token, { quota })).toMatchObject({ code: 'ok', limits: [{ remaining: 1 }] })
    expect(asked).toEqual([[record.environmentId, quota]])
    await verify(token, { quota })
    expect(await verify(token, { quota })).toMatchObject({ code: 'rate_limited' })
    expect(asked).toHaveLength(2)
  })

  test('answers quota_exceeded with the facts, and the limits beside them', async () => {
    const { verify, token } = await start({ takeQuota: async () => ({ ok: false, limit: 1_000, used: 999, resetsAt: null }) })
    expect(await verify(token, { quota })).toMatchObject({
      code: 'quota_exceeded', meter: 'emails.sent', limit: 1_000, used: 999, resetsAt: null, limits: [{ name: 'tight' }], limitStore: 'shared',
      explanation: 'The plan allows 1000 of emails.sent; 999 are used.',
    })
  })

  test('answers unavailable when the quota cannot be taken from', async () => {
    const { verify, token, seen } = await start({ takeQuota: () => Promise.reject(new Error('out')) })
    expect(await verify(token, { quota })).toEqual({ code: 'unavailable', retryAfterMs: 1_000 })
    expect(seen.errors).toEqual(['quota: out'])
  })

  test('answers unavailable, never ok, where there is no port for quotas', async () => {
    const { verify, token, seen } = await start()
    expect(await verify(token, { quota })).toMatchObject({ code: 'unavailable' })
    expect(seen.errors).toEqual(['quota: A quota was asked for, and the verifier has no takeQuota.'])
  })

  test('takes none for a root key, which has no plan', async () => {
    const { verify, addKey } = await start({ takeQuota: () => Promise.reject(new Error('asked')) })
    const { token } = addKey({ mode: 'root', workspaceId: null, environmentId: null })
    expect(await verify(token, { quota, modes: ['root'] })).toMatchObject({ code: 'ok' })
  })
})

describe('verify() with limits elsewhere', () => {
  const taken: Taken = { taken: true, limits: [] }

  test('waits for them, and says when they were counted on a local share', async () => {
    const { verify, token } = await start({ takeTokens: async () => ({ ...taken, limitStore: 'local-share' }) })
    expect(await verify(token)).toMatchObject({ code: 'ok', limitStore: 'local-share' })
    expect(await verify(token, { scope: 'lists:read' })).toMatchObject({ code: 'insufficient_scope', limitStore: 'local-share' })
  })

  test.each([
    ['throw', () => { throw new Error('out') }],
    ['reject', () => Promise.reject(new Error('out'))],
  ])('answers unavailable when they %s', async (_, takeTokens) => {
    const { verify, token, seen } = await start({ takeTokens })
    expect(await verify(token)).toEqual({ code: 'unavailable', retryAfterMs: 1_000 })
    expect(seen.errors.at(-1)).toBe('limits: out')
  })

  test('are not asked about a key that is none any more', async () => {
    const { verify, addKey } = await start({ takeTokens: () => { throw new Error('asked') } })
    expect(await verify(addKey({ status: 'revoked' }).token)).toMatchObject({ code: 'revoked_key', limits: [], limitStore: 'shared' })
  })
})
