import { type KeyId, newId } from '@letterlock/contract'
import { defineKeyFormat, type KeyMode } from '@letterlock/keys'
import { definePeppers, digestKey, type Pepper } from '@letterlock/keys/digest'
import fc from 'fast-check'
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { after, now, sampleRecord } from '../test/samples.ts'
import { memoryLimits } from './memory-limits.ts'
import { keyRecord } from './key-record.ts'
import type { SecretVersion } from './prove-secret.ts'
import { type OldPepper, type StoredKey, type VerifierPorts, verifyKey, type VerifyRequest } from './verify-key.ts'

const keyFormat = defineKeyFormat({ prefix: 'acme' })
const secretsOf = { v1: randomBytes(32), v2: randomBytes(32), v3: randomBytes(32) }

/** Texts of any UTF-16 units, unpaired surrogates among them. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 100 }).map((units) => String.fromCharCode(...units))

type Facets = Parameters<typeof sampleRecord>[0]

/** A verifier of one stored key with the given versions; counts reads and digests. */
function start(facets: Facets & { mode?: KeyMode } = {}, versions: Partial<SecretVersion & { pepper: 'v1' | 'v2' | 'v3' }>[] = [{}]) {
  const counts = { reads: 0, digests: 0 }
  const unknownPeppers: unknown[] = []
  const oldPeppers: OldPepper[] = []
  const counted = ({ version, key }: Pepper): Pepper => ({ version, get key() { counts.digests += 1; return key } })
  const [v2, v1] = definePeppers([{ version: 'v2', secret: secretsOf.v2 }, { version: 'v1', secret: secretsOf.v1 }])
  const id = newId('key')
  const record = sampleRecord({ ...facets, keyId: id })
  const tokens = versions.map(() => keyFormat.issue({ mode: record.mode, keyId: id }).token)
  const secrets = versions.map(({ pepper = 'v2', retiresAt = null }, index): SecretVersion => {
    const [made] = definePeppers([{ version: pepper, secret: secretsOf[pepper] }])
    return { version: index + 1, digest: digestKey(tokens[index] ?? '', made).digest, pepperVersion: pepper, retiresAt }
  })
  const stored: StoredKey = { record, secrets }
  const ports: VerifierPorts = {
    keyFormat,
    peppers: [counted(v2), ...(v1 ? [counted(v1)] : [])],
    clock: () => now,
    takeTokens: memoryLimits({ clock: () => now }).takeTokens,
    findKey: async (keyId: KeyId) => {
      counts.reads += 1
      return keyId === id ? stored : null
    },
    onUnknownPepper: (fault) => void unknownPeppers.push(fault),
    onOldPepper: (found) => void oldPeppers.push(found),
  }
  const verify = (request: Partial<VerifyRequest> = {}) =>
    verifyKey(ports, { key: tokens[0] ?? '', modes: ['live', 'test'], scope: 'contacts:read', ip: '192.0.2.7', ...request })
  return { verify, tokens, counts, record, id, unknownPeppers, oldPeppers }
}

describe('verifyKey()', () => {
  test('answers ok with the record, the secret version and the state of the default limit', async () => {
    const { verify, record } = start()
    expect(await verify()).toEqual({
      code: 'ok', record, secretVersion: 1, superseded: false,
      limits: [{ name: 'default', count: 1_000, periodMs: 10_000, burst: 1_000, remaining: 999, resetMs: 10 }],
    })
  })

  test('hands no digest out', async () => {
    expect(JSON.stringify(await start().verify())).not.toMatch(/digest|pepper/)
  })

  test('tells the versions apart, and that an older one is superseded', async () => {
    const { verify, tokens } = start({}, [{ retiresAt: after(1) }, {}])
    expect(await verify({ key: tokens[0] ?? '' })).toMatchObject({ code: 'ok', secretVersion: 1, superseded: true })
    expect(await verify({ key: tokens[1] ?? '' })).toMatchObject({ code: 'ok', secretVersion: 2, superseded: false })
  })

  test('answers retired_secret for a version whose time is over, and ok for the next', async () => {
    const { verify, tokens } = start({}, [{ retiresAt: now }, {}])
    expect(await verify({ key: tokens[0] ?? '' })).toMatchObject({ code: 'retired_secret', secretVersion: 1, superseded: true, limits: [] })
    expect(await verify({ key: tokens[1] ?? '' })).toMatchObject({ code: 'ok' })
  })

  test('answers every wrong text with invalid_key alone, whatever the state of the key', async () => {
    const states: Facets[] = [{}, { status: 'revoked' }, { status: 'disabled' }, { expiresAt: now }, { workspaceStatus: 'suspended' }, { scopes: [] }]
    for (const state of states) {
      const { verify, id } = start(state)
      const wrongSecret = keyFormat.issue({ mode: 'live', keyId: id }).token
      const otherMode = keyFormat.issue({ mode: 'test', keyId: id }).token
      const unknown = keyFormat.issue({ mode: 'live' }).token
      for (const key of [wrongSecret, otherMode, unknown, '', 'garbage', `${wrongSecret} `, wrongSecret.slice(0, -1)]) {
        expect(await verify({ key })).toEqual({ code: 'invalid_key' })
      }
    }
  })

  test('answers invalid_key alone for any text, and reads nothing for garbage', async () => {
    const { verify, counts } = start()
    await fc.assert(fc.asyncProperty(anyText, async (key) => {
      expect(await verify({ key })).toEqual({ code: 'invalid_key' })
    }))
    expect(counts.reads).toBe(0)
  })

  test('answers invalid_key for a key of another mode, without a read', async () => {
    const { verify, counts } = start({ mode: 'root', workspaceId: null, environmentId: null })
    expect(await verify()).toEqual({ code: 'invalid_key' })
    expect(counts.reads).toBe(0)
    expect(await verify({ modes: ['root'] })).toMatchObject({ code: 'ok' })
  })

  test('reads once and computes one digest for a right key, a wrong secret and an unknown id alike', async () => {
    const { verify, counts, id, tokens } = start({}, [{}, {}])
    const keys = [tokens[0], tokens[1], keyFormat.issue({ mode: 'live', keyId: id }).token, keyFormat.issue({ mode: 'live' }).token]
    for (const key of keys) {
      Object.assign(counts, { reads: 0, digests: 0 })
      await verify({ key: key ?? '' })
      expect(counts).toEqual({ reads: 1, digests: 1 })
    }
  })

  test('proves versions under an older pepper', async () => {
    const { verify, tokens } = start({}, [{ pepper: 'v1' }, { pepper: 'v2' }])
    expect(await verify({ key: tokens[0] ?? '' })).toMatchObject({ code: 'ok', secretVersion: 1 })
    expect(await verify({ key: tokens[1] ?? '' })).toMatchObject({ code: 'ok', secretVersion: 2 })
  })

  test('refuses a version whose pepper is not configured, and reports it', async () => {
    const { verify, id, unknownPeppers } = start({}, [{ pepper: 'v3' }])
    expect(await verify()).toEqual({ code: 'invalid_key' })
    expect(unknownPeppers).toEqual([{ keyId: id, pepperVersion: 'v3' }])
  })

  test('refuses everything of a key without secrets', async () => {
    const { verify, id } = start({}, [])
    expect(await verify({ key: keyFormat.issue({ mode: 'live', keyId: id }).token })).toEqual({ code: 'invalid_key' })
  })

  test('lets exactly the burst of 100 calls at once through', async () => {
    const { verify } = start({ rateLimits: [{ name: 'tight', limit: '10/1m' }, { name: 'wide', limit: '1000/1m' }] })
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => verify()))
    expect(outcomes.filter(({ code }) => code === 'ok')).toHaveLength(10)
    expect(outcomes.at(-1)).toMatchObject({
      code: 'rate_limited', limitName: 'tight', retryAfterMs: 6_000, secretVersion: 1,
      limits: [{ name: 'tight', remaining: 0 }, { name: 'wide', remaining: 990 }],
    })
  })

  test('charges nothing for what is refused, and states the limits beside a 403', async () => {
    const { verify } = start({ rateLimits: [{ name: 'tight', limit: '2/1m' }] })
    for (let i = 0; i < 5; i++) {
      expect(await verify({ scope: 'lists:read' })).toMatchObject({ code: 'insufficient_scope', limits: [{ name: 'tight', remaining: 2 }] })
    }
    expect(await verify()).toMatchObject({ code: 'ok', limits: [{ remaining: 1 }] })
  })

  test('throws what the store throws: an outage is no answer about a key', async () => {
    const { tokens } = start()
    const ports: VerifierPorts = {
      keyFormat, clock: () => now, takeTokens: memoryLimits({ clock: () => now }).takeTokens,
      peppers: definePeppers([{ version: 'v1', secret: secretsOf.v1 }]),
      findKey: async () => {
        throw new Error('out')
      },
    }
    await expect(verifyKey(ports, { key: tokens[0] ?? '', modes: ['live'], scope: null, ip: null })).rejects.toThrow('out')
  })
})

describe('keyRecord()', () => {
  test('throws on a stored policy that cannot be read, and names the key', () => {
    const record = sampleRecord()
    expect(() => keyRecord(record, { ipAllow: ['10.0.0.0/99'], rateLimits: [] })).toThrow(record.keyId)
    expect(() => keyRecord(record, { ipAllow: [], rateLimits: [{ name: 'a', limit: 'much' }] })).toThrow(record.keyId)
  })
})

describe('verifyKey() and old peppers', () => {
  test('says how to store a secret that was proven under an older pepper', async () => {
    const { verify, tokens, id, oldPeppers } = start({}, [{ pepper: 'v1' }])
    expect((await verify()).code).toBe('ok')
    const [newest] = definePeppers([{ version: 'v2', secret: secretsOf.v2 }])
    const { digest } = digestKey(tokens[0] ?? '', newest)
    expect(oldPeppers).toEqual([{ keyId: id, secretVersion: 1, oldPepperVersion: 'v1', newPepperVersion: 'v2', digest }])
  })

  test('says nothing of the newest pepper, nor of a secret that was not proven', async () => {
    const fresh = start({}, [{ pepper: 'v2' }])
    await fresh.verify()
    const old = start({}, [{ pepper: 'v1' }])
    await old.verify({ key: keyFormat.issue({ mode: 'live', keyId: old.id }).token })
    expect([...fresh.oldPeppers, ...old.oldPeppers]).toEqual([])
  })
})
