/** Stops calling for a while when the server refuses one key again and again: it will not get better by asking. */
export interface AuthBreaker {
  /** Until when this key is not sent, in milliseconds since 1970; null: send it. After a pause one call may try. */
  pausedUntil(apiKey: string, now: number): number | null
  /** An answer came. True when it begins a pause. */
  learn(apiKey: string, status: number, now: number): boolean
}

/** When a client pauses. */
export interface AuthPause {
  /** After how many 401 in a row, for one key. */
  readonly after: number
  readonly ms: number
}

/** Another key is sent at once; any answer but 401 ends the count. */
export function authBreaker({ after, ms }: AuthPause): AuthBreaker {
  let refused = { apiKey: '', times: 0, until: 0 }
  return {
    pausedUntil(apiKey, now) {
      if (apiKey !== refused.apiKey || refused.times < after) return null
      if (now < refused.until) return refused.until
      refused.until = now + ms // for the others: this caller tries
      return null
    },
    learn(apiKey, status, now) {
      const times = status !== 401 ? 0 : apiKey === refused.apiKey ? refused.times + 1 : 1
      refused = { apiKey, times, until: times >= after ? now + ms : 0 }
      return times === after
    },
  }
}

/** For a client that never pauses. */
export const noBreaker: AuthBreaker = { pausedUntil: () => null, learn: () => false }
