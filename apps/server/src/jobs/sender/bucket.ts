/** How fast one transport may go: no bound until it is throttled, then additive increase, multiplicative decrease. */
export interface Bucket {
  /** Takes up to `wanted` tokens and says how many. Campaigns leave a fifth to transactional mail. */
  readonly take: (wanted: number, lane: 'campaign' | 'email', now: Date) => number
  readonly onAccepted: (now: Date) => void
  /** Halves the rate, at most once a second. */
  readonly onThrottled: (now: Date) => void
  /** Messages per second; Infinity when it was never throttled. */
  readonly rate: () => number
}

const slowestRate = 1
const reservedShare = 0.2
const increasePerSecond = 0.02

export function createBucket(): Bucket {
  let rate = Infinity
  let ceiling = 0
  let tokens = 0
  let filledAt = 0
  let cutAt = 0
  let second = 0
  let thisSecond = 0
  let perSecond = 0

  const capacity = () => Math.max(2, rate)

  function refill(now: number) {
    const elapsed = Math.max(0, now - filledAt) / 1_000
    filledAt = Math.max(now, filledAt)
    rate += elapsed * Math.max(0.1, ceiling * increasePerSecond)
    tokens = Math.min(capacity(), tokens + elapsed * rate)
  }

  return {
    take(wanted, lane, now) {
      if (rate === Infinity) return wanted
      refill(now.getTime())
      const usable = lane === 'campaign' ? tokens - capacity() * reservedShare : tokens
      const taken = Math.max(0, Math.min(wanted, Math.floor(usable)))
      tokens -= taken
      return taken
    },
    onAccepted(now) {
      const current = Math.floor(now.getTime() / 1_000)
      if (current !== second) {
        perSecond = current === second + 1 ? thisSecond : 0
        second = current
        thisSecond = 0
      }
      thisSecond += 1
    },
    onThrottled(now) {
      const at = now.getTime()
      if (at - cutAt < 1_000) return
      cutAt = at
      if (rate === Infinity) {
        ceiling = Math.max(slowestRate, perSecond, thisSecond)
        rate = ceiling
        filledAt = at
      } else refill(at)
      rate = Math.max(slowestRate, rate / 2)
      tokens = Math.min(tokens, capacity())
    },
    rate: () => rate,
  }
}
