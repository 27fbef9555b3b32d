import { expect, test } from 'vitest'
import { newHealth, note, pauseReasonOf, type Sign } from './health.ts'
import { defaultLimits as limits } from './limits.ts'

const now = new Date('2026-11-22T10:00:00.000Z')

function after(signs: Partial<Record<Sign, number>>) {
  const health = newHealth(now)
  for (const [sign, count] of Object.entries(signs)) for (let index = 0; index < count; index += 1) note(health, sign as Sign, limits)
  return pauseReasonOf(health, limits, now)
}

test.each([
  [{ failed: 99 }, null],
  [{ failed: 100 }, 'error_rate'],
  [{ fine: 81, failed: 19 }, null],
  [{ fine: 80, failed: 20 }, 'error_rate'],
  [{ fine: 90, bounced: 10 }, 'bounce_rate'],
  [{ fine: 99, complained: 1 }, null],
  [{ fine: 196, complained: 4 }, 'complaint_rate'],
  [{ failed: 50, fine: 200 }, null],
] as const)('pauseReasonOf() after %o is %s', (signs, reason) => {
  expect(after(signs)).toBe(reason)
})

test('pauseReasonOf() is throttled only when nothing has been accepted for long', () => {
  const health = Object.assign(newHealth(now), { temporaryInARow: limits.throttledInARow })
  expect(pauseReasonOf(health, limits, now)).toBeNull()
  expect(pauseReasonOf(health, limits, new Date(now.getTime() + limits.throttledForMs))).toBe('throttled')
})
