import { expect, test } from 'vitest'
import { createBucket } from './bucket.ts'

const start = Date.parse('2026-11-22T10:00:00.000Z')
const at = (seconds: number) => new Date(start + seconds * 1_000)

/** A bucket that was throttled at 100 messages a second. */
function throttled() {
  const bucket = createBucket()
  for (let index = 0; index < 100; index += 1) bucket.onAccepted(at(0))
  bucket.onThrottled(at(0.9))
  return bucket
}

test('createBucket() has no bound until it is throttled, then half of what went through', () => {
  const bucket = createBucket()
  expect(bucket.take(1_000, 'campaign', at(0))).toBe(1_000)
  expect(bucket.rate()).toBe(Infinity)
  expect(throttled().rate()).toBe(50)
})

test('createBucket() cuts once a second, never below 1, and recovers slowly', () => {
  const bucket = throttled()
  bucket.onThrottled(at(1))
  expect(bucket.rate()).toBe(50)
  for (let second = 2; second < 30; second += 1) bucket.onThrottled(at(second))
  expect(bucket.rate()).toBeLessThan(5)
  expect(bucket.rate()).toBeGreaterThanOrEqual(1)
  bucket.take(1, 'email', at(80))
  expect(bucket.rate()).toBeGreaterThan(90)
})

test('createBucket() lets campaigns through at the rate, and keeps a fifth for transactional mail', () => {
  const bucket = throttled()
  let taken = 0
  for (let tenth = 10; tenth <= 110; tenth += 1) taken += bucket.take(25, 'campaign', at(tenth / 10))
  expect(taken).toBeGreaterThan(400)
  expect(taken).toBeLessThan(750)
  expect(bucket.take(25, 'campaign', at(11))).toBe(0)
  expect(bucket.take(5, 'email', at(11))).toBe(5)
})
