/** `half-open`: one caller is finding out whether it works again. */
export type BreakerState = 'closed' | 'open' | 'half-open'

/** What `breaker` needs. */
export interface BreakerOptions {
  readonly monotonic: () => number
  readonly probeEveryMs: number
  readonly onState?: (state: 'open' | 'closed', reason?: unknown) => void
}

const faultsInARow = 3

/**
 * Keeps callers off something that does not work: opens after three faults in a row or one hang, and then lets one
 * caller through every `probeEveryMs`. Whoever was let in by `enter` reports `succeeded` or `failed`.
 */
export function breaker({ monotonic, probeEveryMs, onState }: BreakerOptions) {
  let state: BreakerState = 'closed'
  let [faults, openings, probeAtMs] = [0, 0, 0]
  return {
    state: () => state,
    openings: () => openings,

    enter(): boolean {
      if (state === 'closed') return true
      if (state === 'half-open' || monotonic() < probeAtMs) return false
      state = 'half-open'
      return true
    },

    succeeded(): void {
      if (state === 'open') return // a late answer from before; the next probe will tell
      faults = 0
      if (state === 'half-open') {
        state = 'closed'
        onState?.('closed')
      }
    },

    failed(reason: unknown, isHang: boolean): void {
      if (state === 'open') return
      if (state === 'closed' && ++faults < faultsInARow && !isHang) return
      const wasClosed = state === 'closed'
      state = 'open'
      faults = 0
      probeAtMs = monotonic() + probeEveryMs
      if (!wasClosed) return
      openings++
      onState?.('open', reason)
    },
  }
}
