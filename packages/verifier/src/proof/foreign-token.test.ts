import { createHash, randomBytes } from 'node:crypto'
import { newId } from '@letterlock/contract'
import { defineKeyFormat } from '@letterlock/keys'
import { definePeppers, digestForeignKey, digestKey } from '@letterlock/keys/digest'
import { describe, expect, test } from 'vitest'
import { after, sampleRecord } from '../../test/samples.ts'
import { keyFormat, startFreshRig, startRig } from '../../test/verifier-rig.ts'
import { type ImportDue, type KeyRead, localProver, type SecretVersion } from '../index.ts'
import { foreignKeysId, identifyToken } from './foreign-token.ts'

const peppers = definePeppers([{ version: 'v2', secret: randomBytes(32) }, { version: 'v1', secret: randomBytes(32) }])
const [newest, older = newest] = peppers
const newToken = () => `sk_${randomBytes(24).toString('base64url')}`
const sha256Of = (token: string) => createHash('sha256').update(token).digest('hex')

/** A verifier on a store that knows imported keys by their lookups. */
async function start() {
  const stored = new Map<string, { id: ReturnType<typeof newId<'key'>>; secrets: SecretVersion[] }>()
  const counts = { reads: 0, lookups: 0 }
  const due: ImportDue[] = []
  const readForeignKey = async (lookups: readonly string[]): Promise<KeyRead> => {
    counts.reads += 1
    counts.lookups += lookups.length
    const found = lookups.map((lookup) => stored.get(lookup)).find((each) => each !== undefined)
    return { revision: rig.world.revision, stored: found ? { record: sampleRecord({ keyId: found.id }), secrets: found.secrets } : null }
  }
  const proveToken = localProver({ readKey: async () => ({ revision: 1, stored: null }), readForeignKey, peppers, onImportDue: (found) => void due.push(found) })
  const rig = await startFreshRig({}, { proveToken, foreignPrefixes: () => ['sk_'] })
  return { ...rig, counts, due, store }

  /** @param change.newer makes the imported secret the older of two */
  function store(token: string, { isUpgraded = false, pepper = newest, newer = false, retiresAt = null as Date | null } = {}) {
    const id = newId('key')
    const { digest, lookup } = digestForeignKey(sha256Of(token), pepper)
    const secret = { version: 1, pepperVersion: pepper.version, retiresAt, digest: isUpgraded ? digestKey(token, pepper).digest : digest }
    const rotated = { version: 2, pepperVersion: pepper.version, retiresAt: null, digest: randomBytes(32) }
    stored.set(lookup, { id, secrets: newer ? [rotated, secret] : [secret] })
    return id
  }
}

describe('identifyToken()', () => {
  const identify = (text: string) => identifyToken(text, keyFormat, ['sk_', 'old-'])

  test('knows a key of our own by its checksum, with its id and mode', () => {
    const { token, keyId } = keyFormat.issue({ mode: 'live' })
    expect(identify(token)).toEqual({ token, keyId, modes: ['live'] })
    expect(identify(`${token.slice(0, -1)}!`)).toBeNull()
  })

  test('knows an access token of the same installation by its checksum, with its own id and mode', () => {
    const { token, keyId } = defineKeyFormat({ prefix: 'acme_at' }).issue({ mode: 'test' })
    expect(identify(token)).toEqual({ token, keyId: null, accessTokenId: `tok_${keyId.slice(4)}`, modes: ['test'] })
    expect(identify(`${token.slice(0, -1)}!`)).toBeNull()
    expect(identify(defineKeyFormat({ prefix: 'other_at' }).issue({ mode: 'test' }).token)).toBeNull()
  })

  test('knows no access tokens where the prefix of keys leaves no room for one', () => {
    const long = defineKeyFormat({ prefix: 'fourteen_chars' })
    expect(identifyToken(long.issue({ mode: 'live' }).token, long, null)).not.toBeNull()
    expect(identifyToken(`fourteen_chars_at_live_${'0'.repeat(64)}`, long, null)).toBeNull()
  })

  test.each([['sk_', 13], ['old-', 12], ['sk_', 509]])('knows a text that begins with %s and has %i more as a foreign token, never of root', (prefix, more) => {
    const token = prefix + 'x'.repeat(more)
    expect(identify(token)).toEqual({ token, keyId: null, modes: ['live', 'test'] })
  })

  test.each([
    'sk_', `sk_${'x'.repeat(12)}`, `sk_${'x'.repeat(510)}`, `SK_${'x'.repeat(20)}`, ` sk_${'x'.repeat(20)}`, `sk_${'x'.repeat(20)} `,
    `sk_${'x'.repeat(20)}:`, `sk_${'x'.repeat(20)}\u016c`, `sk_${'x'.repeat(10)}=${'x'.repeat(10)}`, `pk_${'x'.repeat(20)}`, 'x'.repeat(30), '',
  ])('knows nothing of %j', (text) => {
    expect(identify(text)).toBeNull()
  })
})

describe('verify() of a foreign token', () => {
  test.each([{ isUpgraded: false }, { isUpgraded: true }])('answers ok, once from the store and then from memory: %o', async (change) => {
    const { store, verify, counts } = await start()
    const token = newToken()
    const keyId = store(token, change)
    for (let i = 0; i < 3; i++) expect(await verify(token)).toMatchObject({ code: 'ok', record: { keyId }, secretVersion: 1 })
    expect(counts.reads).toBe(1)
  })

  test.each([
    [{ isUpgraded: false }, 1], [{ isUpgraded: true }, 0], [{ isUpgraded: false, pepper: older }, 1], [{ isUpgraded: true, pepper: older }, 1],
  ])('says what is due to be stored anew: %o %i', async (change, times) => {
    const { store, verify, due } = await start()
    const token = newToken()
    const keyId = store(token, change)
    await verify(token)
    const { digest } = digestKey(token, newest)
    const { lookup } = digestForeignKey(sha256Of(token), newest)
    expect(due).toEqual(Array.from({ length: times }, () => ({ keyId, secretVersion: 1, oldDigest: expect.any(Uint8Array), digest, lookup, pepperVersion: 'v2' })))
  })

  test.each([{ isUpgraded: false }, { isUpgraded: true }])('tells that a newer secret was issued, and that it is retired: %o', async (change) => {
    const { store, verify, pass } = await start()
    const token = newToken()
    store(token, { ...change, newer: true, retiresAt: after(10) })
    expect(await verify(token)).toMatchObject({ code: 'ok', secretVersion: 1, superseded: true })
    pass(10)
    expect(await verify(token)).toMatchObject({ code: 'retired_secret', secretVersion: 1 })
  })

  test('reads once for a wrong one, by a lookup for each pepper, and remembers that it is wrong', async () => {
    const { verify, counts } = await start()
    const token = newToken()
    for (let i = 0; i < 5; i++) expect(await verify(token)).toEqual({ code: 'invalid_key' })
    expect(counts).toEqual({ reads: 1, lookups: 2 })
  })

  test('forgets what it refused when keys were imported', async () => {
    const { store, verify, change, poll } = await start()
    const token = newToken()
    await verify(token)
    store(token)
    expect(await verify(token)).toEqual({ code: 'invalid_key' })
    change('key', foreignKeysId)
    await poll()
    expect(await verify(token)).toMatchObject({ code: 'ok' })
  })

  test('reads nothing for other prefixes, and nothing where only root keys may', async () => {
    const { store, verify, counts } = await start()
    const token = newToken()
    store(token)
    expect(await verify(token, { modes: ['root'] })).toEqual({ code: 'invalid_key' })
    expect(await verify(`x${token}`)).toEqual({ code: 'invalid_key' })
    expect(counts.reads).toBe(0)
  })

  test('waits for the revision that is asked for, at which a format may have been declared', async () => {
    const prefixes: string[] = []
    const { verify, change, verifier } = await startFreshRig({}, { foreignPrefixes: () => prefixes, proveToken: async () => ({ revision: 2, key: null }) })
    const token = newToken()
    expect(await verify(token, { minRevision: 1 })).toEqual({ code: 'invalid_key' })
    expect(await verify(token, { minRevision: 7 })).toMatchObject({ code: 'not_fresh' })
    change('policy', 'import.sk_')
    prefixes.push('sk_')
    expect(await verify(token, { minRevision: 2 })).toEqual({ code: 'invalid_key' })
    expect(verifier.state().reads).toBe(1)
  })

  test('cannot be answered for before the first poll, other than texts that are no token', async () => {
    const { verify } = startRig({}, { foreignPrefixes: () => null })
    expect(await verify(newToken())).toMatchObject({ code: 'not_fresh' })
    for (const text of ['garbage', `${newToken()}:`, `${newToken()} `]) expect(await verify(text)).toEqual({ code: 'invalid_key' })
    expect(await verify(newToken(), { modes: ['root'] })).toEqual({ code: 'invalid_key' })
  })

  test('does not take the SHA-256 of a token for the token', async () => {
    const { store, verify } = await start()
    const token = newToken()
    store(token)
    expect(await verify(`sk_${sha256Of(token)}`)).toEqual({ code: 'invalid_key' })
  })

  test('makes 20 that ask at once wait for one read', async () => {
    const { store, verify, counts, due } = await start()
    const token = newToken()
    store(token)
    const outcomes = await Promise.all(Array.from({ length: 20 }, async () => verify(token)))
    expect(outcomes.every(({ code }) => code === 'ok')).toBe(true)
    expect([counts.reads, due.length]).toEqual([1, 1])
  })
})
