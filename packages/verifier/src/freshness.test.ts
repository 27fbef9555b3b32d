import { newId } from '@letterlock/contract'
import { describe, expect, test } from 'vitest'
import type { PollChanges } from './ports.ts'
import { codeOf, gate, keyFormat, startFreshRig, startRig, startWarm } from '../test/verifier-rig.ts'

describe('verify() from memory', () => {
  test('answers a held key at once and without a read', async () => {
    const { verify, token, counts, verifier } = await startWarm()
    expect(verify(token)).toMatchObject({ code: 'ok' })
    expect(counts.reads).toBe(1)
    expect(verifier.state()).toMatchObject({ keys: 1, hits: 1, reads: 1, isFresh: true, revision: 1, ageMs: 0 })
  })

  test('holds a revoked key too, to refuse it without a read', async () => {
    const { verify, token, counts } = await startWarm({ status: 'revoked' })
    expect(verify(token)).toMatchObject({ code: 'revoked_key' })
    expect(counts.reads).toBe(1)
  })

  test('knows a revocation from the poll that tells of it', async () => {
    const { verify, token, id, edit, poll, counts } = await startWarm()
    edit(id, { status: 'revoked' })
    expect(verify(token)).toMatchObject({ code: 'ok' }) // not told yet, and within the second
    await poll()
    expect(await verify(token)).toMatchObject({ code: 'revoked_key' })
    expect(counts.reads).toBe(2)
  })

  test.each(['workspace', 'role', 'plan'] as const)('reads again what depends on a changed %s, and nothing else', async (kind) => {
    const id = newId(kind)
    const { verify, token, poll, change, addKey, counts } = await startWarm(kind === 'workspace' ? { workspaceId: id as never } : { dependsOn: [id] })
    const other = addKey()
    await verify(other.token)
    change(kind, id)
    await poll()
    expect(verify(other.token)).toMatchObject({ code: 'ok' })
    expect(counts.reads).toBe(2)
    expect(await codeOf(verify(token))).toBe('ok')
    expect(counts.reads).toBe(3)
  })

  test('drops all secrets of a key, and all keys of a workspace', async () => {
    const rig = await startFreshRig()
    const workspaceId = newId('workspace')
    const keys = [rig.addKey({ workspaceId }, [{}, {}, {}]), rig.addKey({ workspaceId }), rig.addKey()]
    for (const token of keys.flatMap(({ tokens }) => tokens)) await rig.verify(token)
    expect(rig.verifier.state().keys).toBe(5)
    rig.change('key', keys[0]?.id ?? '')
    await rig.poll()
    expect(rig.verifier.state().keys).toBe(2)
    rig.change('workspace', workspaceId)
    await rig.poll()
    expect(rig.verifier.state().keys).toBe(1)
  })

  test('drops everything on a kind it does not know', async () => {
    const { verifier, change, poll } = await startWarm()
    change('galaxy', newId('key'))
    await poll()
    expect(verifier.state().keys).toBe(0)
  })

  test('drops everything when it cannot be told what changed', async () => {
    const { verifier, world, change, poll, verify } = await startWarm()
    await verify(keyFormat.issue({ mode: 'live' }).token)
    world.changesSince = () => 'all'
    change('key', newId('key'))
    await poll()
    expect(verifier.state()).toMatchObject({ keys: 0, refused: 0, isFresh: true })
  })

  test('drops everything when the revision was set back, as by a restored database', async () => {
    const { verifier, world, poll } = await startWarm()
    world.revision = 9
    await poll()
    expect(verifier.state().keys).toBe(1)
    world.revision = 2
    await poll()
    expect(verifier.state()).toMatchObject({ keys: 0, revision: 2, isFresh: true })
  })

  test('drops everything when the same revision has another stamp, and says the stamp it knows', async () => {
    const said: (string | null)[] = []
    const history = { stamp: 'one' }
    const pollChanges: PollChanges = async (_after, _signal, stamp) => (said.push(stamp), { revision: 1, changes: [], stamp: history.stamp })
    const { verifier, addKey, verify, poll } = await startFreshRig({}, { pollChanges })
    await verify(addKey().token)
    await poll()
    expect(verifier.state()).toMatchObject({ keys: 1, stamp: 'one' })
    history.stamp = 'other'
    const changed = verifier.changedAfter(1, { withinMs: 60_000, signal: new AbortController().signal })
    await poll()
    expect(verifier.state()).toMatchObject({ keys: 0, revision: 1, stamp: 'other' })
    expect(await changed).toMatchObject({ revision: 1 })
    await poll()
    expect(said).toEqual([null, 'one', 'one', 'other'])
  })

  test('reads through as long as it never polled, and remembers nothing of it', async () => {
    const { verify, addKey, counts, verifier } = startRig()
    const { token } = addKey()
    expect([await codeOf(verify(token)), await codeOf(verify(token))]).toEqual(['ok', 'ok'])
    expect(counts.reads).toBe(2)
    expect(verifier.state()).toMatchObject({ keys: 0, revision: null, isFresh: false, ageMs: Infinity })
  })
})

describe('verify() and the age of the view', () => {
  test('uses memory until maxStalenessMs after the start of the last poll, and reads through after that', async () => {
    const { verify, token, pass, counts, id, edit } = await startWarm()
    edit(id, { status: 'revoked' })
    pass(1_000)
    expect(verify(token)).toMatchObject({ code: 'ok' })
    expect(counts.reads).toBe(1)
    pass(1)
    expect(await verify(token)).toMatchObject({ code: 'revoked_key' })
    expect(counts.reads).toBe(2)
  })

  test('knows after a pause of the process that its view is old', async () => {
    const { verify, token, clocks, counts } = await startWarm()
    clocks.monotonicMs += 10_000
    await verify(token)
    expect(counts.reads).toBe(2)
  })

  test.each([10_000, -10_000])('knows after the wall clock moved by %i ms, as on a suspended machine, that nothing is proven', async (ms) => {
    const { verify, token, clocks, counts, poll, verifier } = await startWarm()
    clocks.wallMs += ms
    await verify(token)
    expect(counts.reads).toBe(2)
    await poll()
    expect(verifier.state().isFresh).toBe(true)
    await verify(token)
    expect(counts.reads).toBe(2)
  })

  test('takes a poll that was answered late for no more than its start', async () => {
    const { verifier, world, pass, poll } = await startWarm()
    world.beforePollAnswers = async () => pass(900)
    await poll()
    expect(verifier.state()).toMatchObject({ isFresh: true, ageMs: 900 })
    pass(101)
    expect(verifier.state().isFresh).toBe(false)
  })

  test('takes a poll across a pause for no proof', async () => {
    const { verifier, world, pass, poll } = await startWarm()
    world.beforePollAnswers = async () => pass(10_000)
    await poll()
    expect(verifier.state().isFresh).toBe(false)
  })

  test('answers from the store while polls fail, and from memory again after the next that does not', async () => {
    const { verify, token, pass, counts, world, poll, seen } = await startWarm()
    world.beforePollAnswers = async () => {
      throw new Error('muted')
    }
    pass(1_001)
    await poll()
    expect(seen.errors).toEqual(['poll: muted'])
    expect(await codeOf(verify(token))).toBe('ok')
    expect(counts.reads).toBe(2)
    world.beforePollAnswers = async () => {}
    await poll()
    expect(verify(token)).toMatchObject({ code: 'ok' })
    expect(counts.reads).toBe(2)
  })

  test('answers 503 codes when the store is out: not_fresh for what it held, unavailable for the rest, invalid_key for garbage', async () => {
    const { verify, token, pass, world, addKey, seen, poll } = await startWarm()
    const other = addKey()
    world.isOut = true
    expect(verify(token)).toMatchObject({ code: 'ok' })
    expect(await verify(other.token)).toEqual({ code: 'unavailable', retryAfterMs: 1_000 })
    pass(1_001)
    expect(await verify(token)).toEqual({ code: 'not_fresh', retryAfterMs: 1_000 })
    expect(await verify(other.token)).toEqual({ code: 'unavailable', retryAfterMs: 1_000 })
    expect(verify('garbage')).toEqual({ code: 'invalid_key' })
    expect(seen.errors).toEqual(['read: out', 'read: out', 'read: out'])
    world.isOut = false
    await poll()
    expect(verify(token)).toMatchObject({ code: 'ok' })
  })
})

describe('verify() and a wall clock that is set', () => {
  test.each([['back', -3_600_000], ['forward', 3_600_000]])('%s: limits go on as if nothing was', async (_, ms) => {
    const { verify, addKey, clocks, poll } = await startWarm()
    const { token } = addKey({ rateLimits: [{ name: 'a', limit: '1/10s' }] })
    expect(await codeOf(verify(token))).toBe('ok')
    clocks.wallMs += ms
    await poll()
    expect(await codeOf(verify(token))).toBe('rate_limited')
    clocks.monotonicMs += 10_000
    clocks.wallMs += 10_000
    await poll()
    expect(await codeOf(verify(token))).toBe('ok')
  })
})

describe('verify() with a minRevision', () => {
  test('answers from memory what was seen already', async () => {
    const { verify, token, counts } = await startWarm()
    expect(verify(token, { minRevision: 1 })).toMatchObject({ code: 'ok' })
    expect(counts.reads).toBe(1)
  })

  test('has itself told of what it was not told yet', async () => {
    const { verify, token, id, edit, counts, verifier } = await startWarm()
    edit(id, { status: 'revoked' })
    expect(await verify(token, { minRevision: 2 })).toMatchObject({ code: 'revoked_key' })
    expect(counts).toMatchObject({ reads: 2, polls: 2 })
    expect(verifier.state().revision).toBe(2)
  })

  test('answers not_fresh without any read, and from a poll that all share, when the revision was never made', async () => {
    const { verify, token, counts } = await startWarm()
    const asked = Array.from({ length: 50 }, async () => verify(token, { minRevision: 9 }))
    expect(await Promise.all(asked)).toEqual(asked.map(() => ({ code: 'not_fresh', retryAfterMs: 1_000 })))
    expect(counts.reads).toBe(1)
    expect(counts.polls).toBeLessThanOrEqual(3)
    expect(verify(token, { minRevision: 1 })).toMatchObject({ limits: [{ remaining: 998 }] }) // nor did they take a token
  })

  test('has it read where the view is not fresh, and answers not_fresh when the store is not there yet', async () => {
    const { verify, token, clocks, counts } = await startWarm()
    clocks.monotonicMs += 1_001
    expect(await verify(token, { minRevision: 2 })).toEqual({ code: 'not_fresh', retryAfterMs: 1_000 })
    expect(counts.reads).toBe(2)
  })

  test('reads apart from a read that began before the change', async () => {
    const { verify, world, addKey, edit, counts } = await startWarm()
    const { token, id } = addKey()
    const { promise, resolve } = gate()
    world.beforeReadAnswers = () => promise
    const before = verify(token)
    edit(id, { status: 'revoked' })
    const behind = Array.from({ length: 10 }, () => verify(token, { minRevision: 2 }))
    resolve()
    expect(await codeOf(before)).toBe('ok')
    expect(new Set(await Promise.all(behind.map(codeOf)))).toEqual(new Set(['revoked_key']))
    expect(counts.reads).toBe(3)
  })

  test('does not answer invalid_key from memory to one who knows of a later revision', async () => {
    const { verify, world, addKey, change } = await startWarm()
    const { token, id } = addKey()
    const stored = world.stored.get(id)
    world.stored.delete(id)
    expect(await codeOf(verify(token))).toBe('invalid_key')
    if (stored) world.stored.set(id, stored)
    change('key', id)
    expect(await codeOf(verify(token))).toBe('invalid_key')
    expect(await codeOf(verify(token, { minRevision: 2 }))).toBe('ok')
  })
})
