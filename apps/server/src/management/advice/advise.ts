import { isIPv6 } from 'node:net'
import type { keyTraffic } from '@letterlock/db'
import { parseAddressRange } from '@letterlock/verifier'
import { scopeOf } from '../policies/what-if/judges.ts'

/** A scope that a key was used for. */
export interface UsedScope {
  readonly scope: string
  readonly requests: number
  readonly operations: readonly string[]
  /** The day (UTC) of the last. */
  readonly lastDay: Date
}

/** A smaller set of scopes, and what it would have refused. */
export interface ScopeAdvice {
  readonly used: readonly UsedScope[]
  readonly unused: readonly string[]
  /** Null when the counts do not tell which scopes were needed. */
  readonly proposed: readonly string[] | null
  /** Requests that had the scope then and would not have it. */
  readonly wouldRefuse: number
  readonly requests: number
}

/**
 * The scopes that requests needed, out of those that the key has. A request counts whatever became of it, unless it was
 * refused for want of the scope: who asks for a contact that is gone needs the scope as well.
 */
export function adviseScopes(granted: readonly string[], counts: readonly keyTraffic.OperationCount[]): ScopeAdvice {
  const asked = counts.filter(({ outcome }) => outcome !== 'insufficient_scope')
  const byScope = Map.groupBy(asked, ({ operation }) => scopeOf(operation))
  const used = granted.flatMap((scope): UsedScope[] => {
    const rows = byScope.get(scope) ?? []
    const operations = [...new Set(rows.map(({ operation }) => operation))]
    return rows.length === 0 ? [] : [{ scope, requests: sumOf(rows), operations, lastDay: latest(rows.map(({ lastDay }) => lastDay)) }]
  })
  const kept = new Set(used.map(({ scope }) => scope))
  const wouldRefuse = sumOf(asked.filter(({ operation }) => {
    const scope = scopeOf(operation)
    return scope !== null && granted.includes(scope) && !kept.has(scope)
  }))
  return {
    used, wouldRefuse,
    unused: granted.filter((scope) => !kept.has(scope)),
    proposed: asked.some(({ operation }) => verifiedElsewhere.has(operation)) ? null : used.map(({ scope }) => scope),
    requests: sumOf(counts),
  }
}

/** Which scope somebody else asked for is in no record. */
const verifiedElsewhere: ReadonlySet<string> = new Set(['keys.verify', 'verifier.verify'])

/** A network that a key was used from. */
export interface UsedNetwork {
  /** `203.0.113.0/24`; of IPv6 a /48. Null: the address is not known. */
  readonly range: string | null
  readonly requests: number
  readonly lastSeenAt: Date
}

export interface AddressAdvice {
  /** Who came last first. */
  readonly observed: readonly UsedNetwork[]
  /** Null when the networks are not all known, too many for a list, or none. */
  readonly proposed: readonly string[] | null
}

/** The networks of all callers. @param isAll whether these are all */
export function adviseAddresses(callers: readonly Pick<keyTraffic.CallerCount, 'ip' | 'requests' | 'lastSeenAt'>[], isAll: boolean): AddressAdvice {
  const byNetwork = Map.groupBy(callers, ({ ip }) => networkOf(ip))
  const observed = [...byNetwork].map(([range, rows]): UsedNetwork => (
    { range, requests: sumOf(rows), lastSeenAt: latest(rows.map(({ lastSeenAt }) => lastSeenAt)) }
  )).sort((one, other) => other.lastSeenAt.getTime() - one.lastSeenAt.getTime())
  const ranges = observed.flatMap(({ range }) => range ?? [])
  const isListable = isAll && ranges.length === observed.length && ranges.length > 0 && ranges.length <= rangesAtMost
  return { observed, proposed: isListable ? ranges : null }
}

/** As a key's list has. */
const rangesAtMost = 100

/** The /24 of an IPv4 address, the /48 of an IPv6 address; null for what is none. */
export function networkOf(ip: string | null): string | null {
  const plain = ip?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '' // IPv4 as IPv6 writes it (RFC 4291 section 2.5.5.2)
  return parseAddressRange(`${plain}/${isIPv6(plain) ? 48 : 24}`)?.text ?? null
}

/**
 * A limit that none of the counted requests would have met: in any 60 seconds there were at most two minutes' worth, which
 * its burst holds. Null when there were none.
 */
export function adviseLimit(peakMinute: number): { readonly name: string; readonly limit: string } | null {
  return peakMinute === 0 ? null : { name: 'advised', limit: `${Math.max(10, 2 * peakMinute)}/1m` }
}

function sumOf(rows: readonly { readonly requests: number }[]): number {
  return rows.reduce((sum, { requests }) => sum + requests, 0)
}

function latest(times: readonly Date[]): Date {
  return new Date(Math.max(...times.map((time) => time.getTime())))
}
