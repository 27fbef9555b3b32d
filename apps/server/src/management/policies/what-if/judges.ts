import { type KeyId, operations } from '@letterlock/contract'
import { type AddressRange, isInRanges, memoryLimits, type NamedLimit, parseNamedLimit, type RateLimitText } from '@letterlock/verifier'
import type { Cause, Judge } from './replay.ts'

/** Stops what needs another scope. */
export function scopesJudge(scopes: readonly string[]): Judge {
  return ({ operation }) => {
    const scope = scopeOf(operation)
    return scope === null || scopes.includes(scope) ? [] : [{ rule: 'scopes', message: `${scope} is not among the scopes` }]
  }
}

/** Stops what comes from elsewhere; without ranges nothing, as at the door. */
export function addressJudge(ranges: readonly AddressRange[]): Judge {
  return ({ ip }) => {
    if (ranges.length === 0 || isInRanges(ip, ranges)) return []
    return [{ rule: 'ipAllow', message: ip === null ? 'no address is known' : 'the address is not in the list' }]
  }
}

/** Stops what is beyond the limits, each key by itself: the verifier's own count, fed with the times of the requests. */
export function limitsJudge(limits: readonly RateLimitText[]): Judge {
  const { takeTokens } = memoryLimits({ clock: () => new Date(0) }) // never asked: each take says when it is
  const limitsOf = new Map<KeyId, readonly NamedLimit[]>()
  return ({ keyId, at }) => {
    const own = limitsOf.get(keyId) ?? limits.flatMap((limit) => parseNamedLimit(keyId, limit) ?? []) // they were parsed when they were given
    limitsOf.set(keyId, own)
    const taken = takeTokens({ limits: own, cost: 1, nowMs: at.getTime() })
    return taken.taken ? [] : [{ rule: 'rateLimits', message: `the limit ${taken.limitName} is used up` }]
  }
}

/** The causes of all judges. */
export function allOf(judges: readonly Judge[]): Judge {
  return (request) => judges.flatMap((judge): readonly Cause[] => judge(request))
}

/** The scope that an operation needs; null: none, or one of an operation that is no more. */
export function scopeOf(operation: string): string | null {
  return Object.hasOwn(operations, operation) ? operations[operation as keyof typeof operations].scope : null // of the table by the check
}
