import { z } from 'zod'

const days = z.number().int().min(1).max(400)

/** For how many days each kind of usage is kept beside the running one; hours and days of the sums are kept for ever. */
export const retention = z.strictObject({
  /** Each request as it was, for `usage.requests`. */
  requestDays: days,
  /** Sums by minute. */
  minuteDays: days,
  /** Requests that proved no key. */
  attemptDays: days,
})
