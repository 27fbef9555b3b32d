import { parseDuration } from '@letterlock/contract'

/** The time of a test server. */
export interface TestClock {
  readonly now: () => Date
  /** Moves it on by milliseconds or a duration such as `90s`, `15m`, `1d`; back with a `-`. */
  readonly advance: (by: string | number) => void
}

/**
 * A clock that goes with the machine's and can be moved; one that is given a moment stands still there until it is.
 * @throws RangeError for a moment that is none
 */
export function testClock(standsAt?: Date | string): TestClock {
  const start = standsAt === undefined ? null : new Date(standsAt).getTime()
  if (Number.isNaN(start)) throw new RangeError(`now must be a moment, got ${String(standsAt)}`)
  let movedMs = 0
  return {
    // oxlint-disable-next-line letterlock/no-ambient-time -- where the clock comes in
    now: () => new Date((start ?? Date.now()) + movedMs),
    advance(by) {
      movedMs += durationMs(by)
    },
  }
}

/**
 * Milliseconds of a duration, or the number itself.
 * @throws RangeError when it is none
 */
export function durationMs(duration: string | number): number {
  const [, sign = '', text = ''] = typeof duration === 'string' ? (/^(-?)(.*)$/.exec(duration) ?? []) : []
  const ms = typeof duration === 'number' ? duration : parseDuration(text)
  if (ms === null || !Number.isSafeInteger(ms)) throw new RangeError(`expected a duration such as 90s, 15m or 1d, got ${JSON.stringify(duration)}`)
  return sign ? -ms : ms
}
