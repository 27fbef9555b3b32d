import type { EnvironmentId } from '@letterlock/contract'
import type { ProvenKey } from './policy/ask.ts'
import { refuse } from './policy/decide.ts'
import { objectionTo } from './policy/objection.ts'
import type { LimitsSeen, NoAnswer, ProvenOutcome, Refusal } from './policy/outcome.ts'
import type { QuotaDemand, QuotaTaken, TakeQuota } from './ports.ts'
import type { SeatHolder, Taken, TakeTokens } from './limits/take-tokens.ts'
import type { VerifyRequest } from './policy/verify-request.ts'

/** What counts. */
export interface CountingPorts {
  readonly takeTokens: TakeTokens
  readonly takeQuota?: TakeQuota
  readonly onError: (error: unknown, during: 'quota' | 'limits') => void
}

type Answer = ProvenOutcome | NoAnswer

/** A proven key, what is asked of it, and when. */
export interface Case {
  readonly key: ProvenKey
  readonly request: VerifyRequest
  readonly nowMs: number
  /** The time that limits count by; it is never set back. */
  readonly steadyMs: number
  /** Of the key, where it is held. */
  readonly holder?: SeatHolder
}

/**
 * The answer about a proven key: its policy, then its limits, then the quota; synchronous where the ports are.
 * A refusal costs no token; where it is a 403 the limits are looked at, because authenticated answers state them.
 * What the limits refuse takes nothing from the quota.
 */
export function conclude(ports: CountingPorts, asked: Case): Answer | Promise<Answer> {
  const { key, request, nowMs, steadyMs, holder } = asked
  const objection = objectionTo(key, request, nowMs)
  if (objection !== null && isUnauthorized(objection)) return refused(asked, objection, nothingSeen)
  const cost = objection === null ? (request.cost ?? 1) : 0
  try {
    const taken = ports.takeTokens({ limits: key.record.rateLimits, cost, nowMs: steadyMs, holder })
    if ('taken' in taken) return counted(ports, asked, { objection, taken })
    return taken.then((later) => counted(ports, asked, { objection, taken: later })).catch((error: unknown) => limitsOut(ports, error))
  } catch (error) {
    return limitsOut(ports, error)
  }
}

/** These say 401: the key is no longer, or not now, one. */
function isUnauthorized(code: Refusal['code']): boolean {
  return code !== 'insufficient_scope' && code !== 'ip_not_allowed' && code !== 'key_quarantined' && code !== 'workspace_suspended'
}

const nothingSeen: LimitsSeen = { limits: [], limitStore: 'shared' }

function refused({ key, request, nowMs }: Case, code: Refusal['code'], seen: LimitsSeen): Answer {
  return { ...refuse(key, request, { code, now: new Date(nowMs) }), ...seen }
}

type Counted = { readonly objection: Refusal['code'] | null; readonly taken: Taken }

function counted(ports: CountingPorts, asked: Case, { objection, taken }: Counted): Answer | Promise<Answer> {
  const { limits, limitStore = 'shared' } = taken
  if (objection !== null) return refused(asked, objection, { limits, limitStore })
  const { record, secretVersion, superseded, secretRetiresAt } = asked.key
  if (!taken.taken) {
    const { limitName, retryAfterMs } = taken
    const explanation = `The rate limit ${limitName} is used up.`
    return { code: 'rate_limited', record, secretVersion, superseded, secretRetiresAt, limits, limitStore, explanation, limitName, retryAfterMs }
  }
  const ok: ProvenOutcome = { code: 'ok', record, secretVersion, superseded, secretRetiresAt, limits, limitStore }
  const { quota } = asked.request
  if (quota === undefined || record.environmentId === null) return ok
  return takeFromQuota(ports, ok, { environmentId: record.environmentId, quota })
}

type QuotaCase = { readonly environmentId: EnvironmentId; readonly quota: QuotaDemand }

/** A quota is never guessed: when it cannot be taken from, there is no answer. */
async function takeFromQuota({ takeQuota, onError }: CountingPorts, ok: ProvenOutcome, { environmentId, quota }: QuotaCase): Promise<Answer> {
  try {
    if (!takeQuota) throw new Error('A quota was asked for, and the verifier has no takeQuota.')
    const taken: QuotaTaken = await takeQuota(environmentId, quota)
    if (taken.ok) return ok
    const { limit, used, resetsAt } = taken
    const explanation = `The plan allows ${limit} of ${quota.meter}; ${used} are used.`
    return { ...ok, code: 'quota_exceeded', explanation, meter: quota.meter, limit, used, resetsAt }
  } catch (error) {
    onError(error, 'quota')
    return { code: 'unavailable', retryAfterMs: 1_000 }
  }
}

function limitsOut({ onError }: CountingPorts, error: unknown): NoAnswer {
  onError(error, 'limits')
  return { code: 'unavailable', retryAfterMs: 1_000 }
}
