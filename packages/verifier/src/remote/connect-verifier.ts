/** Verifies keys in this process against a Letterlock server elsewhere, without its database. */
import { type KeyFormat, letterlockKeys } from '@letterlock/keys'
import { randomUUID } from 'node:crypto'
import {
  createVerifier, memoryLimits, type PollChanges, type ProveToken, type TakeQuota, type TakeTokens, type Verifier, type VerifierOptions,
} from '../index.ts'
import { RemoteVerifierError } from './remote-error.ts'
import { badOptions, serverClient } from './server-client.ts'
import { tokenBatches } from './token-batches.ts'
import { changesAnswer, holdMsMax, polledFromWire, proofFromWire, proofsAnswer, tokensPerRequest } from './wire.ts'

export { type RemoteErrorCode, RemoteVerifierError } from './remote-error.ts'
export { type ChangesAnswer, holdMsMax, proofToWire, type ProofsAnswer, tokensPerRequest } from './wire.ts'

/** Where the server is and how to ask it. */
export interface ConnectOptions extends Pick<VerifierOptions, 'maxKeys' | 'maxRefused'> {
  /** The management listener, `https://letterlock.example.net:4001`. */
  readonly url: string
  /** A root key with the scope `verifier:read`. Its revocation ends all answers from memory within one second. */
  readonly rootKey: string
  /** The format of the server's keys; Letterlock's own unless given. */
  readonly keyFormat?: KeyFormat
  /** Where rate limits are counted; in this process unless given, so every node allows the whole rate. */
  readonly takeTokens?: TakeTokens
  /** Where quotas are counted; absent: no request may name one. */
  readonly takeQuota?: TakeQuota
  readonly clock: () => Date
  /** `fetch` unless given. */
  readonly fetch?: typeof fetch
  /** True: the root key and the keys may go over plain HTTP to another machine. */
  readonly allowInsecure?: boolean
  /** Told when the server could not be asked; no key is in it. */
  readonly onError?: (error: unknown, during: 'poll' | 'read' | 'quota' | 'limits') => void
}

/**
 * A verifier on a server elsewhere. Keys are proven by the server once and answered from memory then, by the same rule
 * as on the server itself: only while it is proven that nothing older than one second is said. Without the server, and
 * once the root key is revoked, the answer is `not_fresh` or `unavailable`.
 *
 * Call `start()` before the first request, `stop()` at the end.
 * @example
 * const verifier = connectVerifier({ url: 'https://letterlock.example.net:4001', rootKey, clock: () => new Date() })
 * await verifier.start()
 * app.use('/v1/*', requireKey({ verify: verifier.verify, scope: 'contacts:read', clock: () => new Date() }))
 * @throws RemoteVerifierError `bad_options`
 */
export function connectVerifier(options: ConnectOptions): Verifier {
  const { url, rootKey, keyFormat = letterlockKeys, clock, allowInsecure = false, maxKeys, maxRefused } = options
  const parsed = keyFormat.parse(rootKey)
  if (!parsed.ok || parsed.mode !== 'root') throw badOptions(`rootKey must be a root key, ${keyFormat.prefix}_root_…`)
  const client = serverClient({ url, rootKey, fetch: options.fetch ?? fetch, allowInsecure })

  let foreignPrefixes: readonly string[] | null = null
  const pollChanges: PollChanges = async (after, signal, stamp) => {
    const nonce = randomUUID()
    const seen = { ...(after !== null && { after: String(after) }), ...(stamp !== null && { stamp }) }
    const query = new URLSearchParams({ waitMs: String(holdMsMax), nonce, ...seen })
    const answer = await client.ask(`/verifier/changes?${query}`, changesAnswer, { signal })
    if (answer.nonce !== nonce) throw new RemoteVerifierError('bad_answer', 'The answer is to another question: something between caches.')
    foreignPrefixes = answer.foreignPrefixes ?? []
    return polledFromWire(answer)
  }

  const ask = tokenBatches({
    maxPerBatch: tokensPerRequest,
    maxParallel: 4,
    maxWaiting: 10_000,
    ask: async (keys) => {
      const signal = AbortSignal.timeout(askTimeoutMs)
      const { proofs } = await client.ask('/verifier/records', proofsAnswer, { body: { keys }, signal })
      return proofs.map(proofFromWire)
    },
  })
  const proveToken: ProveToken = ({ token }) => ask(token)

  const { takeTokens = memoryLimits({ clock }).takeTokens, takeQuota, onError } = options
  return createVerifier(
    {
      keyFormat, proveToken, pollChanges, takeTokens, clock,
      foreignPrefixes: () => foreignPrefixes,
      monotonic: () => performance.now(),
      ...(takeQuota && { takeQuota }),
      ...(onError && { onError }),
    },
    {
      pollEveryMs: 100, // the server holds its answers back; this bounds how often a server that fails is asked
      ...(maxKeys !== undefined && { maxKeys }),
      ...(maxRefused !== undefined && { maxRefused }),
    },
  )
}

// longer than a view stays fresh: what a busy server proves late counts as long as the view is
const askTimeoutMs = 2_000
