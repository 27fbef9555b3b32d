import { hash } from 'node:crypto'
import { ChangeFeed } from './freshness/change-feed.ts'
import { conclude } from './conclude.ts'
import { KnownTokens } from './memory/known-tokens.ts'
import { momentOf } from './freshness/moment.ts'
import { accessTokenFormat } from './proof/access-token.ts'
import { identifyToken, isForeignShape, mayBeForeign } from './proof/foreign-token.ts'
import type { Outcome } from './policy/outcome.ts'
import type { VerifierPorts } from './ports.ts'
import { createReadThrough, type Presented } from './memory/read-through.ts'
import type { VerifyRequest } from './policy/verify-request.ts'

/** Sizes and times of a verifier. */
export interface VerifierOptions {
  /** Proven keys that are held; 100 000 unless given. */
  readonly maxKeys?: number
  /** Wrong tokens that are held; 10 000 unless given. */
  readonly maxRefused?: number
  /** How old the view of the control plane may be for an answer from memory; 1 000 unless given. */
  readonly maxStalenessMs?: number
  /** How often changes are asked for; 250 unless given. */
  readonly pollEveryMs?: number
}

/** What a verifier holds and did. */
export interface VerifierState extends View {
  /** Proven keys held. */
  readonly keys: number
  /** Wrong tokens held. */
  readonly refused: number
  /** Requests answered from a held key. */
  readonly hits: number
  /** Requests answered from a held wrong token. */
  readonly refusedHits: number
  /** Reads of the store. */
  readonly reads: number
  readonly polls: number
  readonly pollFailures: number
}

/** How much of the control plane is known. */
export interface View {
  /** Null before the first poll. */
  readonly revision: number | null
  /** Which history the revision belongs to; null when it is not known. */
  readonly stamp: string | null
  readonly isFresh: boolean
  /** How old the view can be; Infinity before the first poll. */
  readonly ageMs: number
}

/** Verifies keys in this process, from memory as long as that is proven to be recent. */
export interface Verifier {
  /**
   * May this key do this now? Answers at once when the key is held and the limits answer at once, else by a promise.
   * Nothing that is presented makes it throw, nor does a port.
   * @throws RangeError when the cost is not a whole number from 0
   */
  readonly verify: Verify
  /** Begins to follow changes. Resolves when the view is fresh, or after one `maxStalenessMs`; it keeps trying then. */
  readonly start: () => Promise<void>
  /** Asks for changes now: a message came. */
  readonly wake: () => void
  /** Resolves with the view when its revision is above `revision` or was set back, after `withinMs`, or on abort. */
  readonly changedAfter: (
    revision: number,
    options: { readonly withinMs: number; readonly signal: AbortSignal },
  ) => Promise<{ readonly revision: number; readonly isFresh: boolean; readonly ageMs: number }>
  readonly state: () => VerifierState
  /** Ends what `start` began; nothing is answered from memory once the view is stale. */
  readonly stop: () => Promise<void>
}

/** Answers whether a key may do something; see `Verifier`. */
export type Verify = (request: VerifyRequest) => Outcome | Promise<Outcome>

/**
 * A verifier with caches of its own. Call `start()` before the first request, `stop()` at the end.
 *
 * A proven key is answered from memory only while the view is proven fresh: the last answered poll for changes began at
 * most `maxStalenessMs` ago, by the monotonic clock and by the wall clock. Otherwise the store is read.
 *
 * @example
 * const verifier = createVerifier({ keyFormat, proveToken, pollChanges, takeTokens, clock, monotonic: () => performance.now() })
 * await verifier.start()
 * const outcome = await verifier.verify({ key, modes: ['live', 'test'], scope: 'contacts:read', ip: '192.0.2.7' })
 * if (outcome.code !== 'ok') return refuse(outcome)
 */
export function createVerifier(ports: VerifierPorts, options: VerifierOptions = {}): Verifier {
  const { maxKeys = 100_000, maxRefused = 10_000, maxStalenessMs = 1_000, pollEveryMs = 250 } = options
  const { keyFormat, proveToken, pollChanges, clock, clockMs = () => clock().getTime(), monotonic, onError = () => {} } = ports
  const { prefix, tokenLength } = keyFormat
  const accessTokenLength = accessTokenFormat(prefix)?.tokenLength
  const { foreignPrefixes = () => none } = ports
  const counting = { takeTokens: ports.takeTokens, onError, ...(ports.takeQuota && { takeQuota: ports.takeQuota }) }
  const known = new KnownTokens({ maxKeys, maxRefused })
  const { proofs, refused } = known
  const feed = new ChangeFeed(
    { clock, monotonic, pollChanges, apply: (polled, seen) => known.apply(polled, seen), onError: (error) => onError(error, 'poll') },
    { maxStalenessMs, pollEveryMs },
  )
  const store = createReadThrough({ proveToken, known, feed, maxStalenessMs, clock, monotonic, onError })
  const counts = { hits: 0, refusedHits: 0 }
  // the time of limits: a wall clock that is set back must not close them, nor one that is set forward open them
  const steadyOffsetMs = clockMs() - monotonic()
  return { verify, start: () => feed.start(), wake: () => feed.wake(), changedAfter, state, stop: () => feed.stop() }

  function verify(request: VerifyRequest): Outcome | Promise<Outcome> {
    const { key: token, cost = 1, minRevision = 0 } = request
    if (!Number.isSafeInteger(cost) || cost < 0) throw new RangeError(`cost must be a whole number from 0, got ${cost}`)
    if (typeof token !== 'string') return invalidKey
    if (token.length !== tokenLength && token.length !== accessTokenLength && !mayBeForeign(token, foreignPrefixes())) return verifyMisfit(request)
    const tokenHash = hash('sha256', token, 'latin1')
    const nowMs = clockMs()
    const monotonicMs = monotonic()
    const isFresh = feed.isFresh({ monotonicMs, wallMs: nowMs })
    if (isFresh && (feed.revision ?? -1) < minRevision) return verifyLater(request, minRevision)
    const proof = isFresh ? proofs.get(tokenHash) : undefined
    if (proof === undefined) return verifyUnproven(request, tokenHash, isFresh)
    counts.hits += 1
    proof.isVisited = true
    if (!request.modes.includes(proof.record.mode)) return invalidKey
    return conclude(counting, { key: proof, request, nowMs, steadyMs: Math.floor(steadyOffsetMs + monotonicMs), holder: proof })
  }

  /** A revision that was never made costs no read: the next poll, which all who wait share, tells. */
  async function verifyLater(request: VerifyRequest, minRevision: number): Promise<Outcome> {
    feed.wake()
    await feed.changedAfter(minRevision - 1, { withinMs: learnWithinMs, signal: never })
    return (feed.revision ?? -1) < minRevision ? notFresh : verify(request)
  }

  /** What is of no format that is known here. One may have been declared at the revision that is asked for. */
  function verifyMisfit(request: VerifyRequest): Outcome | Promise<Outcome> {
    const { key, modes, minRevision = 0 } = request
    if (!isForeignShape(key) || modes.every((mode) => mode === 'root')) return invalidKey
    if (foreignPrefixes() === null) return notFresh
    return (feed.revision ?? 0) >= minRevision ? invalidKey : verifyLater(request, minRevision)
  }

  function verifyUnproven(request: VerifyRequest, tokenHash: string, isFresh: boolean): Outcome | Promise<Outcome> {
    const identified = identifyToken(request.key, keyFormat, foreignPrefixes())
    if (identified === null) return verifyMisfit(request)
    if (!identified.modes.some((mode) => request.modes.includes(mode))) return invalidKey
    if (isFresh && refused.has(tokenHash)) {
      counts.refusedHits += 1
      return invalidKey
    }
    const { token, keyId, accessTokenId } = identified
    return verifyByStore(request, { token, keyId, accessTokenId, hash: tokenHash })
  }

  async function verifyByStore(request: VerifyRequest, presented: Presented): Promise<Outcome> {
    const read = await store.read(presented, request.minRevision ?? 0)
    if ('code' in read) return read
    if (read.key === null || !request.modes.includes(read.key.record.mode)) return invalidKey
    return conclude(counting, { key: read.key, request, nowMs: clockMs(), steadyMs: Math.floor(steadyOffsetMs + monotonic()) })
  }

  async function changedAfter(revision: number, wait: { readonly withinMs: number; readonly signal: AbortSignal }) {
    await feed.changedAfter(revision, wait)
    const { isFresh, ageMs, revision: seen } = viewOf()
    return { revision: seen ?? revision, isFresh, ageMs }
  }

  function viewOf(): View {
    const now = momentOf(ports)
    return { revision: feed.revision, stamp: feed.stamp, isFresh: feed.isFresh(now), ageMs: feed.ageMs(now) }
  }

  function state(): VerifierState {
    return { ...viewOf(), ...counts, ...feed.counts, keys: proofs.size, refused: refused.size, reads: store.started() }
  }
}

const invalidKey: Outcome = { code: 'invalid_key' }
const notFresh: Outcome = { code: 'not_fresh', retryAfterMs: 1_000 }
/** A poll is answered in milliseconds. */
const learnWithinMs = 250
const never = new AbortController().signal
const none: readonly string[] = []
