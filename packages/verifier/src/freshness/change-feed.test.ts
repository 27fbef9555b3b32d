import { describe, expect, test, vi } from 'vitest'
import { gate, startFreshRig, startRig } from '../../test/verifier-rig.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))
const { signal } = new AbortController()

describe('start()', () => {
  test('resolves once the view is fresh', async () => {
    const { verifier } = startRig()
    await verifier.start()
    expect(verifier.state()).toMatchObject({ isFresh: true, revision: 1, polls: 1 })
  })

  test('resolves after one deadline when nothing can be polled, and the next poll that can makes the view fresh', async () => {
    const { verifier, world, poll, seen } = startRig({ maxStalenessMs: 20 })
    world.isOut = true
    await verifier.start()
    expect(verifier.state()).toMatchObject({ isFresh: false, revision: null })
    expect(seen.errors).toEqual(['poll: out'])
    world.isOut = false
    await poll()
    expect(verifier.state().isFresh).toBe(true)
  })

  test('polls every pollEveryMs, one at a time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { verifier, counts } = startRig({ pollEveryMs: 250 })
      await verifier.start()
      await vi.advanceTimersByTimeAsync(249)
      expect(counts.polls).toBe(1)
      await vi.advanceTimersByTimeAsync(1)
      expect(counts.polls).toBe(2)
      await vi.advanceTimersByTimeAsync(1_000)
      expect(counts.polls).toBe(6)
    } finally {
      vi.useRealTimers()
    }
  })

  test('gives a poll up that hangs, tells it so, and goes on', async () => {
    const { verifier, world, seen, counts } = startRig({ maxStalenessMs: 20, pollEveryMs: 1 })
    let isAborted = false
    const hung = gate()
    world.beforePollAnswers = async (poll) => {
      poll.addEventListener('abort', () => (isAborted = true))
      await hung.promise
    }
    await verifier.start()
    await vi.waitFor(() => expect(counts.polls).toBeGreaterThan(1))
    expect(isAborted).toBe(true)
    expect(seen.errors[0]).toBe('poll: The poll had no answer within 20 ms.')
    expect(verifier.state().isFresh).toBe(false)
    world.beforePollAnswers = async () => {}
    await vi.waitFor(() => expect(verifier.state().isFresh).toBe(true))
    hung.resolve() // the answer of the poll that was given up proves nothing and throws nothing
    await turn()
  })
})

describe('wake()', () => {
  test('polls once more after a running poll, however often it is called', async () => {
    const { verifier, world, counts, change } = await startFreshRig()
    const { promise, resolve } = gate()
    world.beforePollAnswers = () => promise
    verifier.wake()
    await turn()
    expect(counts.polls).toBe(2)
    change('key', 'key_x') // committed after the running poll looked
    for (let i = 0; i < 10; i++) verifier.wake()
    await turn()
    expect(counts.polls).toBe(2)
    resolve()
    await turn()
    await turn()
    expect(counts.polls).toBe(3)
    expect(verifier.state().revision).toBe(2)
  })
})

describe('changedAfter()', () => {
  test('answers at once what was seen already', async () => {
    const { verifier } = await startFreshRig()
    expect(await verifier.changedAfter(0, { withinMs: 60_000, signal })).toEqual({ revision: 1, isFresh: true, ageMs: 0 })
  })

  test('answers when a later revision is seen', async () => {
    const { verifier, change, poll } = await startFreshRig()
    const changed = verifier.changedAfter(1, { withinMs: 60_000, signal })
    await poll()
    change('key', 'key_x')
    await poll()
    expect(await changed).toMatchObject({ revision: 2 })
  })

  test('answers when the revision was set back', async () => {
    const { verifier, world, poll } = await startFreshRig()
    world.revision = 9
    await poll()
    const changed = verifier.changedAfter(9, { withinMs: 60_000, signal })
    world.revision = 4
    await poll()
    expect(await changed).toMatchObject({ revision: 4 })
  })

  test('answers with what there is after withinMs, on abort, and when it is stopped', async () => {
    const { verifier } = await startFreshRig()
    expect(await verifier.changedAfter(1, { withinMs: 5, signal })).toMatchObject({ revision: 1 })
    const leaving = new AbortController()
    const left = verifier.changedAfter(1, { withinMs: 60_000, signal: leaving.signal })
    leaving.abort()
    expect(await left).toMatchObject({ revision: 1 })
    const stopped = verifier.changedAfter(1, { withinMs: 60_000, signal })
    await verifier.stop()
    expect(await stopped).toMatchObject({ revision: 1 })
  })

  test('says the revision that was asked about, and that nothing is fresh, before the first poll', async () => {
    const { verifier } = startRig()
    expect(await verifier.changedAfter(7, { withinMs: 1, signal })).toEqual({ revision: 7, isFresh: false, ageMs: Infinity })
  })
})

describe('stop()', () => {
  test('ends a running poll without calling that an error', async () => {
    const { verifier, world, seen } = await startFreshRig()
    world.beforePollAnswers = (poll) => new Promise((_, reject) => poll.addEventListener('abort', () => reject(new Error('left'))))
    verifier.wake()
    await turn()
    await verifier.stop()
    expect(seen.errors).toEqual([])
  })
})

describe('provenAfterMs', () => {
  test.each([
    ['an older proof of another node', { provenAfterMs: -400, tookMs: 0, ageMs: 400 }],
    ['a younger one, during a long poll', { provenAfterMs: 300, tookMs: 500, ageMs: 200 }],
    ['one that claims the future, as of the answer', { provenAfterMs: 10_000, tookMs: 500, ageMs: 0 }],
  ])('shifts the proof: %s', async (_, { provenAfterMs, tookMs, ageMs }) => {
    const clocks = { ms: 0 }
    const { verifier } = startRig({}, {
      clock: () => new Date(clocks.ms),
      monotonic: () => clocks.ms,
      pollChanges: async () => {
        clocks.ms += tookMs
        return { revision: 1, changes: [], provenAfterMs }
      },
    })
    await verifier.start()
    expect(verifier.state().ageMs).toBe(ageMs)
  })

  test('does not make a view older that was proven before', async () => {
    const answers = [0, -900]
    const clocks = { ms: 0 }
    const { verifier, counts } = startRig({}, {
      clock: () => new Date(clocks.ms),
      monotonic: () => clocks.ms,
      pollChanges: async () => ({ revision: 1, changes: [], provenAfterMs: answers[counts.polls++] ?? 0 }),
    })
    await verifier.start()
    clocks.ms += 100
    verifier.wake()
    await turn()
    expect(counts.polls).toBe(2)
    expect(verifier.state().ageMs).toBe(100)
  })
})
