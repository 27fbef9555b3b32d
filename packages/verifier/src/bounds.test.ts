import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyFormat, startFreshRig } from '../test/verifier-rig.ts'
import { sampleRecord } from '../test/samples.ts'
import { ProofCache } from './memory/proof-cache.ts'

const proven = (change = {}) => ({ record: sampleRecord(change), secretVersion: 1, superseded: false, secretRetiresAt: null })

describe('ProofCache', () => {
  test('holds at most maxKeys, and forgets first what was not asked for again', () => {
    const cache = new ProofCache(100)
    for (let i = 0; i < 50; i++) cache.put(`hot ${i}`, proven())
    for (let i = 0; i < 5_000; i++) {
      cache.put(`once ${i}`, proven())
      const hot = cache.get(`hot ${i % 50}`)
      expect(hot).toBeDefined()
      if (hot) hot.isVisited = true
      expect(cache.size).toBeLessThanOrEqual(100)
    }
  })

  test('stays within its bound when the entry that the hand points at goes by itself', () => {
    const cache = new ProofCache(3)
    for (const hash of ['a', 'b', 'c', 'd']) cache.put(hash, proven()) // a is evicted, the hand is at b
    cache.delete('b')
    for (const hash of ['e', 'f', 'g']) cache.put(hash, proven())
    expect(cache.size).toBe(3)
    expect(['e', 'f', 'g'].filter((hash) => cache.get(hash))).toContain('g')
  })

  test('is, after anything that was done to it, what the same done to a Map says, up to eviction', () => {
    const ids = ['ws_a', 'ws_b', 'plan_a']
    const step = fc.oneof(
      fc.record({ do: fc.constant('put' as const), n: fc.nat(20), dependsOn: fc.subarray(ids) }),
      fc.record({ do: fc.constant('visit' as const), n: fc.nat(20) }),
      fc.record({ do: fc.constant('delete' as const), n: fc.nat(20) }),
      fc.record({ do: fc.constant('drop' as const), id: fc.constantFrom(...ids) }),
    )
    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 8 }), (steps, maxKeys) => {
      const cache = new ProofCache(maxKeys)
      const model = new Map<string, readonly string[]>()
      for (const each of steps) {
        if (each.do === 'put') {
          cache.put(`${each.n}`, proven({ workspaceId: null, dependsOn: each.dependsOn }))
          model.set(`${each.n}`, each.dependsOn)
        } else if (each.do === 'visit') {
          const found = cache.get(`${each.n}`)
          if (found) found.isVisited = true
        } else if (each.do === 'delete') {
          cache.delete(`${each.n}`)
          model.delete(`${each.n}`)
        } else {
          cache.drop(each.id)
          for (const [hash, dependsOn] of model) if (dependsOn.includes(each.id)) model.delete(hash)
        }
        for (const hash of model.keys()) if (!cache.get(hash)) model.delete(hash) // evicted
        expect(cache.size).toBe(model.size)
        expect(cache.size).toBeLessThanOrEqual(maxKeys)
      }
    }))
  })
})

describe('verify() of many wrong keys', () => {
  test('holds at most maxRefused wrong tokens, apart from the good keys, and reads for none of them again', async () => {
    const { verify, verifier, addKey, counts } = await startFreshRig({ maxRefused: 100 })
    const { token } = addKey()
    await verify(token)
    const wrong = Array.from({ length: 500 }, () => keyFormat.issue({ mode: 'live' }).token)
    for (const key of wrong) expect(await verify(key)).toEqual({ code: 'invalid_key' })
    expect(verifier.state()).toMatchObject({ keys: 1, refused: 100, reads: 501 })
    expect(verify(wrong.at(-1) ?? '')).toEqual({ code: 'invalid_key' })
    expect(verify(token)).toMatchObject({ code: 'ok' })
    expect(counts.reads).toBe(501)
    expect(verifier.state().refusedHits).toBe(1)
  })

  test('forgets what it refused of a key that changed, and of no other', async () => {
    const { verify, verifier, addKey, change, poll, counts } = await startFreshRig()
    const { id } = addKey()
    const wrong = [id, id, addKey().id].map((keyId) => keyFormat.issue({ mode: 'live', keyId }).token)
    for (const key of wrong) await verify(key)
    change('key', id)
    await poll()
    expect(verifier.state().refused).toBe(1)
    expect(verify(wrong[2] ?? '')).toEqual({ code: 'invalid_key' })
    expect(counts.reads).toBe(3)
  })

  test('knows a key that was made after it was refused', async () => {
    const { verify, addKey, world, change, poll } = await startFreshRig()
    const { token, id } = addKey()
    const stored = world.stored.get(id)
    world.stored.delete(id)
    expect(await verify(token)).toEqual({ code: 'invalid_key' })
    if (stored) world.stored.set(id, stored)
    change('key', id)
    await poll()
    expect(await verify(token)).toMatchObject({ code: 'ok' })
  })

  test('reads nothing for 20 000 texts with a wrong checksum, and keeps the good keys', async () => {
    const { verify, addKey, counts, verifier } = await startFreshRig()
    const { token } = addKey()
    await verify(token)
    const head = token.slice(0, -6)
    let accepted = 0
    for (let i = 0; i < 20_000; i++) {
      const key = head + i.toString(36).padStart(6, 'Z')
      const outcome = key === token ? { code: 'invalid_key' } : verify(key)
      if (!('code' in outcome) || outcome.code !== 'invalid_key') accepted += 1
      if (i % 2_000 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(accepted).toBe(0)
    expect(counts.reads).toBe(1)
    expect(verify(token)).toMatchObject({ code: 'ok' })
    expect(verifier.state()).toMatchObject({ keys: 1, refused: 0 })
  }, 20_000)

  test('keeps keys in use while one client presents good keys once each', async () => {
    const { verify, addKey, counts } = await startFreshRig({ maxKeys: 50 })
    const hot = Array.from({ length: 20 }, () => addKey().token)
    for (const token of hot) await verify(token)
    for (let i = 0; i < 500; i++) {
      for (const token of hot) void verify(token)
      await verify(addKey().token)
    }
    expect(counts.reads).toBe(520)
  })
})
