/** Bounds the retries of a client as a whole, so that many calls do not hammer a server that is down. */
export interface RetryBudget {
  /** Takes one retry; false when none is left. */
  take(): boolean
  /** An attempt succeeded: gives a tenth of a retry back. */
  refill(): void
}

// in tenths of a retry: whole numbers
const most = 200
const perRetry = 10

/** Full at first: 20 retries. In the long run at most one retry for ten successes. */
export function retryBudget(): RetryBudget {
  let left = most
  return {
    take() {
      if (left < perRetry) return false
      left -= perRetry
      return true
    },
    refill() {
      left = Math.min(most, left + 1)
    },
  }
}
