/** What the server's answers tell of the key in use, and telling it to the program in time. */
import { redactLetterlockKey } from '@letterlock/keys/read'
import type { HeaderReader } from '../header-reader.ts'
import { type RateLimitState, readRateLimits } from '../rate-limits.ts'

/** The key in use will end, or a newer secret of it exists. */
export interface KeyExpiring {
  readonly keyId: string | null
  /** When it expires; null: it does not soon, and `superseded` is the reason to tell. */
  readonly expiresAt: Date | null
  /** The threshold that was passed: 30, 7 or 1 days before; null when `superseded` is the reason. */
  readonly thresholdDays: number | null
  /** A newer secret of this key exists; this one will be retired. */
  readonly superseded: boolean
}

/** What is known of the key in use, from the answers so far; nothing is asked for. */
export interface KeyStatus {
  readonly keyId: string | null
  /** As `ll_live_<id>****<last 4>`; null before the first answer. */
  readonly shown: string | null
  /** Known in the last 30 days before it. */
  readonly expiresAt: Date | null
  readonly superseded: boolean
  /** What is left of the limits, by the last answer. */
  readonly rateLimits: readonly RateLimitState[]
  /** When the last answer came. */
  readonly seenAt: Date | null
}

export interface KeyWatch {
  learn(apiKey: string, headers: HeaderReader, now: number): void
  status(): KeyStatus
}

const dayMs = 86_400_000
const thresholdsDays = [1, 7, 30]
const nothing: KeyStatus = { keyId: null, shown: null, expiresAt: null, superseded: false, rateLimits: [], seenAt: null }

/** Tells each threshold of each expiry once, the nearest alone when several are passed, and once of each superseded secret. */
export function keyWatch(onExpiring: (event: KeyExpiring) => void): KeyWatch {
  let status = () => nothing
  const told = new Set<string>()
  const once = (what: string, event: KeyExpiring) => {
    if (told.has(what)) return
    told.add(what)
    onExpiring(event)
  }

  return {
    status: () => status(),
    learn(apiKey, headers, now) {
      const keyId = headers.get('letterlock-key-id')
      if (keyId === null) return // of a proxy, or the key was not recognised
      const expiresAt = dateOf(headers.get('letterlock-key-expires-at'))
      const superseded = headers.get('letterlock-key-superseded') === 'true'
      // Made when it is asked for: most programs never do.
      status = () => ({ keyId, shown: redactLetterlockKey(apiKey), expiresAt, superseded, rateLimits: readRateLimits(headers), seenAt: new Date(now) })
      const leftMs = (expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) - now
      const threshold = thresholdsDays.find((days) => leftMs <= days * dayMs)
      if (threshold !== undefined) once(`${keyId} ${String(expiresAt?.getTime())} ${threshold}`, { keyId, expiresAt, thresholdDays: threshold, superseded })
      if (superseded) once(apiKey, { keyId, expiresAt, thresholdDays: null, superseded })
    },
  }
}

function dateOf(text: string | null): Date | null {
  const date = text === null ? null : new Date(text)
  return date && Number.isNaN(date.getTime()) ? null : date
}
