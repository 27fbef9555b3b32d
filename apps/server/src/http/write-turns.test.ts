import { afterEach, describe, expect, test, vi } from 'vitest'
import { WriteTurns } from './write-turns.ts'

afterEach(() => void vi.useRealTimers())

/** Work that lasts until it is told to end, and what has begun so far. */
function workshop() {
  const begun: string[] = []
  const ends = new Map<string, PromiseWithResolvers<string>>()
  const work = (name: string) => () => {
    begun.push(name)
    const end = Promise.withResolvers<string>()
    ends.set(name, end)
    return end.promise
  }
  const finish = async (name: string) => {
    ends.get(name)?.resolve(name)
    await settled()
  }
  const fail = async (name: string) => {
    ends.get(name)?.reject(new Error(name))
    await settled()
  }
  return { begun, work, finish, fail }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('WriteTurns.run()', () => {
  test('begins as many as may run at once, the others in the order they came', async () => {
    const turns = new WriteTurns({ atOnce: 2, waitMs: 60_000 })
    const { begun, work, finish } = workshop()
    const results = ['a', 'b', 'c', 'd'].map((name) => turns.run('env', work(name)))
    expect(begun).toEqual(['a', 'b'])
    await finish('b')
    expect(begun).toEqual(['a', 'b', 'c'])
    await finish('a')
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
    await finish('d')
    await finish('c')
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('keeps environments apart', () => {
    const turns = new WriteTurns({ atOnce: 1, waitMs: 60_000 })
    const { begun, work, finish } = workshop()
    void turns.run('one', work('a'))
    void turns.run('other', work('b'))
    expect(begun).toEqual(['a', 'b'])
    return Promise.all([finish('a'), finish('b')])
  })

  test('passes the turn on when the work fails, and throws what it threw', async () => {
    const turns = new WriteTurns({ atOnce: 1, waitMs: 60_000 })
    const { begun, work, finish, fail } = workshop()
    const thrown = turns.run('env', work('a')).catch((error: unknown) => error)
    const next = turns.run('env', work('b'))
    await fail('a')
    expect(await thrown).toEqual(new Error('a'))
    expect(begun).toEqual(['a', 'b'])
    await finish('b')
    expect(await next).toBe('b')
  })

  test('answers no_turn after the wait, never begins that work, and goes on with the others', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const turns = new WriteTurns({ atOnce: 1, waitMs: 10_000 })
    const { begun, work, finish } = workshop()
    void turns.run('env', work('a'))
    const tooLate = turns.run('env', work('b'))
    vi.advanceTimersByTime(5_000)
    const patient = turns.run('env', work('c'))
    vi.advanceTimersByTime(5_000)
    expect(await tooLate).toBe('no_turn')
    await finish('a')
    expect(begun).toEqual(['a', 'c'])
    vi.advanceTimersByTime(60_000)
    await finish('c')
    expect(await patient).toBe('c')
    void turns.run('env', work('d'))
    expect(begun).toEqual(['a', 'c', 'd'])
    await finish('d')
  })
})
