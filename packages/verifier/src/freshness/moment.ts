/** A time by two clocks: one stands still while the machine is suspended, the other can be set. */
export interface Moment {
  /** Milliseconds since some start. */
  readonly monotonicMs: number
  /** Milliseconds since 1970. */
  readonly wallMs: number
}

/** The two clocks of the verifier. */
export interface Clocks {
  readonly clock: () => Date
  /** Milliseconds since some start, as of `performance.now`. */
  readonly monotonic: () => number
}

export function momentOf({ clock, monotonic }: Clocks): Moment {
  return { monotonicMs: monotonic(), wallMs: clock().getTime() }
}

/**
 * True when no more than `ms` passed by either clock. A process that was stopped sees it on the first, one on a
 * suspended machine on the second; a wall clock that was set back by more than that proves nothing either.
 */
export function isWithin(since: Moment, now: Moment, ms: number): boolean {
  return now.monotonicMs - since.monotonicMs <= ms && Math.abs(now.wallMs - since.wallMs) <= ms
}
