import { describe, expect, test } from 'vitest'
import { codeOf, gate, startFreshRig, startWarm } from '../test/verifier-rig.ts'

describe('verify() and reads that race', () => {
  test('does not hold what was read before a change that it was told of meanwhile', async () => {
    const { verifier, verify, world, addKey, edit, poll, counts } = await startWarm()
    const { token, id } = addKey()
    const { promise, resolve } = gate()
    world.beforeReadAnswers = () => promise
    const answer = verify(token)
    edit(id, { status: 'revoked' })
    await poll()
    resolve()
    expect(await codeOf(answer)).toBe('ok') // as of a moment ago
    expect(verifier.state().keys).toBe(1)
    expect(await verify(token)).toMatchObject({ code: 'revoked_key' })
    expect(counts.reads).toBe(3)
  })

  test('does not hold what was read before the revision was set back', async () => {
    const { verifier, verify, world, addKey, poll } = await startWarm()
    world.revision = 50
    await poll()
    const { promise, resolve } = gate()
    world.beforeReadAnswers = () => promise
    const answer = verify(addKey().token)
    world.revision = 7
    await poll()
    resolve()
    await answer
    expect(verifier.state().keys).toBe(0)
  })

  test('reads again, once, when a read took longer than the view may be old', async () => {
    const { verify, world, addKey, pass, counts } = await startWarm()
    const { token, id } = addKey()
    world.beforeReadAnswers = async () => {
      const stored = world.stored.get(id)
      if (stored) world.stored.set(id, { ...stored, record: { ...stored.record, status: 'revoked' } })
      world.beforeReadAnswers = async () => {}
      pass(10_000)
    }
    expect(await verify(token)).toMatchObject({ code: 'revoked_key' })
    expect(counts.reads).toBe(3)
  })

  test('answers not_fresh when each read takes longer than the view may be old', async () => {
    const { verify, world, addKey, pass, counts } = await startWarm()
    world.beforeReadAnswers = async () => pass(1_001)
    expect(await verify(addKey().token)).toEqual({ code: 'not_fresh', retryAfterMs: 1_000 })
    expect(counts.reads).toBe(3)
  })

  test('takes a slow read all the same when a fresh view says that nothing changed since', async () => {
    const { verify, world, addKey, pass, poll, counts } = await startWarm()
    const { promise, resolve } = gate()
    world.beforeReadAnswers = () => promise
    const answer = verify(addKey().token)
    pass(1_500)
    await poll()
    resolve()
    expect(await codeOf(answer)).toBe('ok')
    expect(counts.reads).toBe(2)
  })

  test('reads once for 100 requests at once', async () => {
    const { verify, addKey, counts } = await startWarm()
    const { token } = addKey()
    const outcomes = await Promise.all(Array.from({ length: 100 }, async () => verify(token)))
    expect(outcomes.every(({ code }) => code === 'ok')).toBe(true)
    expect(counts.reads).toBe(2)
  })

  test('does not join a read that began longer ago than the view may be old', async () => {
    const { verify, world, addKey, pass, counts } = await startWarm()
    const { token } = addKey()
    const { promise, resolve } = gate()
    world.beforeReadAnswers = () => promise
    const first = verify(token)
    pass(1_000)
    const joined = verify(token)
    expect(counts.reads).toBe(2)
    pass(1)
    const apart = verify(token)
    expect(counts.reads).toBe(3)
    resolve()
    expect(await Promise.all([first, joined, apart].map(codeOf))).toEqual(['ok', 'ok', 'ok'])
  })
})

describe('verify() by a store that lags behind the feed', () => {
  test('answers not_fresh after two reads, and holds nothing of them', async () => {
    const { verify, world, addKey, poll, counts, verifier } = await startFreshRig()
    world.revision = 10
    await poll()
    const { token } = addKey()
    world.revision = 5 // the reads go to a standby now
    expect(await verify(token)).toEqual({ code: 'not_fresh', retryAfterMs: 1_000 })
    expect(counts.reads).toBe(2)
    expect(verifier.state()).toMatchObject({ keys: 0, isFresh: true, revision: 10 })
  })

  test('answers not_fresh to a stale view as well, until the feed says that the revision was set back', async () => {
    const { verify, world, addKey, poll, pass } = await startFreshRig()
    world.revision = 10
    await poll()
    const { token } = addKey()
    world.revision = 5
    pass(60_000)
    expect(await codeOf(verify(token))).toBe('not_fresh')
    await poll()
    expect(await codeOf(verify(token))).toBe('ok')
  })

  test('answers by the second read when that is recent', async () => {
    const { verify, world, addKey, poll, counts } = await startFreshRig()
    world.revision = 10
    await poll()
    const { token } = addKey()
    world.revision = 5
    world.beforeReadAnswers = async () => void (world.revision = 10)
    expect(await codeOf(verify(token))).toBe('ok')
    expect(counts.reads).toBe(2)
  })
})
