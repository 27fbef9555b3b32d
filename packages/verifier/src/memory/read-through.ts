import type { AccessTokenId, KeyId } from '@letterlock/contract'
import type { KeyToken } from '@letterlock/keys'
import type { ProvenKey } from '../policy/ask.ts'
import type { ChangeFeed } from '../freshness/change-feed.ts'
import type { KnownTokens } from './known-tokens.ts'
import { type Clocks, isWithin, momentOf } from '../freshness/moment.ts'
import type { NoAnswer } from '../policy/outcome.ts'
import type { Proof, ProveToken } from '../ports.ts'
import { foreignKeysId } from '../proof/foreign-token.ts'
import { type Flight, ProofFlights } from './proof-flights.ts'

/** What reading through works with. */
export interface ReadThroughDeps extends Clocks {
  readonly proveToken: ProveToken
  readonly known: KnownTokens
  readonly feed: Pick<ChangeFeed, 'revision' | 'isFresh'>
  readonly maxStalenessMs: number
  readonly onError: (error: unknown, during: 'read') => void
}

/** A well-formed token and its SHA-256. */
export interface Presented {
  readonly token: KeyToken
  /** Null when it is of a foreign format, which names no key, or an access token. */
  readonly keyId: KeyId | null
  readonly accessTokenId?: AccessTokenId | undefined
  readonly hash: string
}

/** What the store says: a proven key, null when the token is wrong, or why there is no answer. */
export type Read = { readonly key: ProvenKey | null } | NoAnswer

export interface ReadThrough {
  readonly read: (presented: Presented, minRevision: number) => Promise<Read>
  /** How many reads began. */
  readonly started: () => number
}

/** Asks the store about tokens that memory cannot answer for, and remembers what it says. */
export function createReadThrough({ proveToken, known, feed, maxStalenessMs, onError, ...clocks }: ReadThroughDeps): ReadThrough {
  const flights = new ProofFlights()
  return { read, started: () => flights.started }

  /**
   * Twice at most: what another request began to read may be too old for this one, or have taken too long, or come from
   * a store that lags behind what is known here.
   */
  async function read(presented: Presented, minRevision: number): Promise<Read> {
    const before = flights.started
    for (let attempt = 1; attempt <= 2; attempt++) {
      const flight = flights.find(presented.hash, momentOf(clocks), maxStalenessMs) ?? start(presented)
      try {
        const proof = await flight.proof
        if (proof.revision < flight.revision || !isRecent(flight, proof)) continue
        if (proof.revision >= minRevision) return { key: proof.key }
        if (flight.number > before) return notFresh
      } catch {
        return known.proofs.get(presented.hash) ? notFresh : unavailable
      }
    }
    return notFresh
  }

  function start(presented: Presented): Flight {
    const { epoch } = known
    const revision = feed.revision ?? 0
    return flights.start(presented.hash, { startedAt: momentOf(clocks), epoch, revision, prove: () => prove(presented, epoch) })
  }

  async function prove({ hash, token, keyId, accessTokenId }: Presented, epoch: number): Promise<Proof> {
    try {
      const proof = await proveToken({ token, keyId, accessTokenId })
      known.remember(proof, { hash, claimedId: accessTokenId ?? keyId ?? foreignKeysId, seen: feed.revision, epoch })
      return proof
    } catch (error) {
      onError(error, 'read')
      throw error
    }
  }

  /** Read a moment ago, or, however long that took, at least as recent as a view that is proven fresh. */
  function isRecent({ startedAt, epoch }: Flight, { revision }: Proof): boolean {
    const now = momentOf(clocks)
    if (isWithin(startedAt, now, maxStalenessMs)) return true
    return feed.isFresh(now) && feed.revision !== null && revision >= feed.revision && epoch === known.epoch
  }
}

const notFresh: NoAnswer = { code: 'not_fresh', retryAfterMs: 1_000 }
const unavailable: NoAnswer = { code: 'unavailable', retryAfterMs: 1_000 }
