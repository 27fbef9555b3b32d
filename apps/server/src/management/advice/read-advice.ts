import { keys, keyTraffic, type Tx, usage } from '@letterlock/db'
import { adviseAddresses, adviseLimit, adviseScopes, type AddressAdvice, type ScopeAdvice } from './advise.ts'

/** What a key was used for in a time, and how it could do with less. */
export interface Advice {
  readonly from: Date
  readonly to: Date
  /** Since when addresses are recorded, and minutes counted; later than `from` when they are kept no longer. */
  readonly recordedFrom: Date
  /** So many requests are counted and have no record of their address. */
  readonly dropped: number
  readonly scopes: ScopeAdvice
  readonly addresses: AddressAdvice
  readonly rateLimit: ReturnType<typeof adviseLimit>
}

const dayMs = 86_400_000
const callersAtMost = 5_000

/** Looks at the last days of a key (UTC, today too), or at its whole life when that is shorter. */
export async function readAdvice(tx: Tx, key: keys.WorkspaceKeyRow, { days, now }: { readonly days: number; readonly now: Date }): Promise<Advice> {
  const today = Math.floor(now.getTime() / dayMs) * dayMs
  const from = new Date(Math.max(today - (days - 1) * dayMs, key.created_at.getTime()))
  const to = new Date(today + dayMs)
  const { requestDays, minuteDays } = await usage.readRetention(tx)
  const recordedFrom = new Date(Math.max(from.getTime(), today - Math.min(requestDays, minuteDays) * dayMs))
  const { environment_id: environmentId, id: keyId } = key
  const counts = await keyTraffic.countOperations(tx, environmentId, { keyId, from: floorTo(dayMs, from), to })
  const callers = await keyTraffic.listCallers(tx, environmentId, { keyId, from: recordedFrom, to, limit: callersAtMost })
  const peak = await keyTraffic.findPeakMinute(tx, environmentId, { keyId, from: floorTo(60_000, recordedFrom), to })
  const dropped = await usage.countDropped(tx, environmentId, { from: recordedFrom, to })
  const isAll = callers.length <= callersAtMost && dropped === 0 && recordedFrom.getTime() === from.getTime()
  return {
    from, to: now, recordedFrom, dropped,
    scopes: adviseScopes(keys.effectiveScopes(key), counts),
    addresses: adviseAddresses(callers, isAll),
    rateLimit: recordedFrom.getTime() === from.getTime() ? adviseLimit(peak) : null,
  }
}

function floorTo(stepMs: number, at: Date): Date {
  return new Date(Math.floor(at.getTime() / stepMs) * stepMs)
}
