import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'
import { defaultLimits as limits } from './limits.ts'
import { outcomeOf } from './outcome.ts'

const now = new Date('2026-11-22T10:00:00.000Z')
const at = { attempt: 1, now, reopensAt: new Date(now.getTime() + 5_000), random: () => 0.5, limits }

test('outcomeOf() is final for 5xx only', () => {
  expect(outcomeOf({ kind: 'permanent', code: 550, response: '550 No' }, at)).toMatchObject({ state: 'failed', reason: '550 No', refund: false })
  const throttled = { kind: 'temporary', code: 421, response: '421 Busy', throttled: true } as const
  expect(outcomeOf(throttled, at)).toEqual({
    state: 'queued', reason: '421 Busy', nextAttemptAt: new Date(now.getTime() + 30_000), refund: false, sentAt: null,
  })
  expect(outcomeOf(throttled, { ...at, attempt: limits.maxAttempts })).toMatchObject({ state: 'failed', reason: 'gave up: 421 Busy' })
})

test('outcomeOf() gives the attempt back when nothing was handed over, and never repeats the unknown', () => {
  expect(outcomeOf({ kind: 'unreachable', reason: 'ECONNREFUSED' }, { ...at, attempt: 99 }))
    .toMatchObject({ state: 'queued', refund: true, nextAttemptAt: at.reopensAt })
  expect(outcomeOf({ kind: 'unknown', reason: 'ETIMEDOUT' }, at)).toMatchObject({ state: 'unknown', nextAttemptAt: null, refund: false })
})

test('outcomeOf() names who was refused beside accepted ones, storably', () => {
  const rejected = [{ address: 'a@people.example', code: 550, response: `550 \0\uD800${'x'.repeat(600)}` }]
  const { state, reason } = outcomeOf({ kind: 'accepted', response: '250', rejected }, at)
  expect(state).toBe('sent')
  expect(reason).toMatch(/^1 refused, first a@people\.example: 550/)
  expect([reason?.length, reason?.includes('\0'), reason?.isWellFormed()]).toEqual([500, false, true])
})

test('backoffMs() doubles its ceiling up to the cap', () => {
  const ceilings = [1, 2, 3, 10, 500].map((failures) => backoffMs(failures, { baseMs: 100, capMs: 1_000, random: () => 1 }))
  expect(ceilings).toEqual([100, 200, 400, 1_000, 1_000])
  expect(backoffMs(3, { baseMs: 100, capMs: 1_000, random: () => 0 })).toBe(0)
})
