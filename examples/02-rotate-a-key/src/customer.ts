import { Letterlock } from 'letterlock'
import { setTimeout as wait } from 'node:timers/promises'

/** A program of a customer: it asks for contacts all the time, with the secret that lies in its vault. */
export interface Customer {
  readonly counts: { ok: number; failed: number }
  /** Puts another secret into the vault; the next request has it. */
  readonly deliver: (secret: string) => void
  readonly stop: () => Promise<void>
}

/** Starts one; it makes some 40 requests a second. */
export function startCustomer(firstSecret: string): Customer {
  let secret = firstSecret
  let isAtWork = true
  const counts = { ok: 0, failed: 0 }
  const letterlock = new Letterlock({ apiKey: () => secret, apiKeyHeldMs: 0 })
  const work = async () => {
    while (isAtWork) {
      try {
        await letterlock.contacts.list({ limit: 1 })
        counts.ok++
      } catch (error) {
        counts.failed++
        console.error(error)
      }
      await wait(25)
    }
  }
  const working = work()
  return {
    counts,
    deliver: (next) => void (secret = next),
    stop: () => {
      isAtWork = false
      return working
    },
  }
}
