import { alerts, canaries, type Db } from '@letterlock/db'
import { setTimeout as wait } from 'node:timers/promises'
import type { Use } from '../jobs/usage-recorder.ts'
import type { Log } from '../log.ts'

export interface CanaryWatch {
  /** Looks, beside the answer, whether a key that proved nothing is a canary; must not wait. */
  readonly look: (use: Pick<Use, 'principal' | 'claimedKeyId' | 'ip' | 'userAgent' | 'operationId' | 'requestId' | 'now'>) => void
  /** Ends what was begun, within 3 s. */
  readonly stop: () => Promise<void>
}

type Claim = Parameters<CanaryWatch['look']>[0] & { readonly claimedKeyId: string }

/**
 * Watches the refused keys of this process. Anyone can make up keys, and each that is well formed costs a read: so one is
 * looked up at a time, some wait, each id once, and what comes beyond them is dropped and counted in the log.
 */
export function watchCanaries({ db, log }: { readonly db: Db; readonly log: Log }, { waiting: maxWaiting = 200 } = {}): CanaryWatch {
  const waiting = new Map<string, Claim>()
  let running: Promise<void> | null = null
  let dropped = 0
  return { look, stop: () => Promise.race([running ?? Promise.resolve(), wait(3_000, undefined, { ref: false })]) }

  function look(use: Parameters<CanaryWatch['look']>[0]): void {
    if (use.principal !== null || use.claimedKeyId === null) return
    if (waiting.size >= maxWaiting && !waiting.has(use.claimedKeyId)) dropped += 1
    else waiting.set(use.claimedKeyId, { ...use, claimedKeyId: use.claimedKeyId })
    begin()
  }

  function begin(): void {
    running ??= work().finally(() => {
      running = null
      if (waiting.size > 0) begin() // came as the last one was done
    })
  }

  async function work(): Promise<void> {
    for (const [id, claim] of waiting) {
      waiting.delete(id)
      await tell(claim).catch((error: unknown) => log.warn({ err: error }, 'it could not be looked up whether a refused key is a canary'))
    }
    if (dropped > 0) log.warn({ dropped }, 'so many refused keys came that some were not looked up among the canaries')
    dropped = 0
  }

  /** An alert for each address and day. */
  async function tell({ claimedKeyId, ip, userAgent, operationId, requestId, now }: Claim): Promise<void> {
    const found = await db.transaction().execute(async (tx) => {
      const row = await canaries.noteUse(tx, claimedKeyId, { ip, userAgent: userAgent?.slice(0, 200) ?? null, at: now })
      if (!row) return null
      const detail = { name: row.name, place: row.place, ip, userAgent: userAgent?.slice(0, 200) ?? null, operation: operationId, requestId, uses: row.uses }
      const occasion = `${now.toISOString().slice(0, 10)} ${ip ?? 'unknown'}`
      await alerts.raiseAlert(tx, row.workspace_id, { kind: 'canary.used', subject: row.id, occasion, detail, now })
      return row
    })
    if (found) log.warn({ canaryId: found.id, ip, requestId }, 'somebody used a canary')
  }
}
