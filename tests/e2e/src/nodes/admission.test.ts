import { expect, test } from 'vitest'
import { servedShare, worstWindow } from './admission.ts'
import type { Probe } from './probes.ts'

const limit = { burst: 5, perSecond: 100 }

/** A request every 5 ms for a second, each answered within 1 ms; what a leaky bucket of the limit would admit. */
function asked(spoil: (at: number) => boolean | undefined = () => undefined): Probe[] {
  let [tokens, last] = [limit.burst, 0]
  return Array.from({ length: 200 }, (_, i) => {
    const sentAt = i * 5
    tokens = Math.min(limit.burst, tokens + ((sentAt - last) * limit.perSecond) / 1_000)
    last = sentAt
    const admitted = tokens >= 1
    if (admitted) tokens--
    return { node: 0, sentAt, answeredAt: sentAt + 1, status: (spoil(sentAt) ?? admitted) ? 200 : 429 }
  })
}

test('worstWindow() finds nothing beyond the limit where it was kept, and all of it served', () => {
  expect(worstWindow(asked(), limit, 0).tokens).toBeLessThanOrEqual(0)
  expect(servedShare(asked(), limit)).toBeGreaterThan(0.99)
})

test('worstWindow() finds two requests too many, and where', () => {
  const { tokens, fromMs, toMs } = worstWindow(asked((at) => (at >= 500 && at < 520 ? true : undefined)), limit, 0)
  expect(tokens).toBeGreaterThan(0.5)
  expect([fromMs <= 500, toMs >= 515]).toEqual([true, true])
})

test('worstWindow() does not count what may have been decided outside of the window', () => {
  const slow = Array.from({ length: 20 }, (): Probe => ({ node: 0, sentAt: 0, answeredAt: 1_000, status: 200 }))
  expect(worstWindow(slow, limit, 0).tokens).toBeLessThanOrEqual(0)
})

test('servedShare() is what was admitted of what the limit allows', () => {
  expect(servedShare(asked((at) => (at % 40 === 0 ? undefined : false)), limit)).toBeLessThan(0.5)
})
