import type { KeyId } from '@letterlock/contract'
import { type Db, keys } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import type { ProveToken } from '@letterlock/verifier'
import { setTimeout as wait } from 'node:timers/promises'
import type { Log } from '../log.ts'

export interface ReportExposedDeps {
  readonly db: Db
  readonly keyFormat: Pick<KeyFormat, 'parse'>
  readonly proveToken: ProveToken
  readonly clock: () => Date
  readonly log: Log
}

export interface ExposedReports {
  /** Flags a key that was seen in a URL or body as exposed, soon; text that is no real key changes nothing. */
  readonly reportExposed: (text: string) => void
  /** Ends what was begun, within 3 s. */
  readonly stop: () => Promise<void>
}

/**
 * Reports beside the answer, which waits for none of them: anyone can make up keys, and each costs a read that no
 * cache spares. So a few are read at once, some wait, and what comes beyond them is dropped and counted in the log.
 */
export function openExposedReports(deps: ReportExposedDeps, { atOnce = 2, waiting: maxWaiting = 200 } = {}): ExposedReports {
  const waiting = new Set<string>()
  const running = new Set<Promise<void>>()
  let lost = { dropped: 0, failed: 0, err: undefined as unknown }
  return { reportExposed, stop: () => Promise.race([idle(), wait(3_000, undefined, { ref: false })]) }

  function reportExposed(text: string): void {
    if (running.size < atOnce) begin(text)
    else if (waiting.size < maxWaiting || waiting.has(text)) waiting.add(text)
    else lost.dropped++
  }

  function begin(text: string): void {
    const report: Promise<void> = flagExposed(deps, text).catch((err: unknown) => void (lost = { ...lost, failed: lost.failed + 1, err })).then(() => {
      running.delete(report)
      const [next] = waiting
      if (next === undefined) return sayLost()
      waiting.delete(next)
      begin(next)
    })
    running.add(report)
  }

  /** Once for a flood, not for each of it. */
  function sayLost(): void {
    if (running.size > 0 || lost.dropped + lost.failed === 0) return
    deps.log.warn(lost, 'keys were sent in a URL or body, and it could not be looked up whether they are real')
    lost = { dropped: 0, failed: 0, err: undefined }
  }

  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.all(running)
  }
}

async function flagExposed({ db, keyFormat, proveToken, clock, log }: ReportExposedDeps, text: string): Promise<void> {
  const parsed = keyFormat.parse(text)
  if (!parsed.ok) return
  const keyId = parsed.keyId as string as KeyId // the same shape under the brand of the contract
  const { key } = await proveToken({ token: parsed.token, keyId })
  if (!key) return
  const first = await keys.markExposed(db, keyId, clock())
  if (first) log.warn({ keyId }, 'a key was sent in a URL or body and is exposed; it should be replaced')
}
