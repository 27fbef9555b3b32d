import type { Polled, Verifier } from '@letterlock/verifier'
import { type ChangesAnswer, holdMsMax } from '@letterlock/verifier/remote'
import { z } from 'zod'
import type { ForeignPrefixes } from '../foreign-prefixes.ts'
import { failure, type Failure } from '../http/failure.ts'

/** Digits of a query parameter. */
function whole(max: number) {
  return z.string().regex(/^\d{1,15}$/, 'expected a whole number of 0 or more').transform(Number).pipe(z.number().max(max))
}

/** The query of `GET /verifier/changes`. */
export const changesQuery = z.strictObject({
  /** The revision that the node has seen; absent the first time. */
  after: whole(Number.MAX_SAFE_INTEGER).optional(),
  /** That of the revision, as the last answer said it. */
  stamp: z.uuid().optional(),
  waitMs: whole(60_000).optional(),
  nonce: z.string().regex(/^[\w-]{1,64}$/, 'expected 1 to 64 letters, digits, "_" or "-"').optional(),
})

export interface AnswerChangesDeps {
  readonly verifier: Pick<Verifier, 'changedAfter' | 'state'>
  /** What changed after a revision, asked of the primary. */
  readonly listChanges: (after: number, stamp: string | null) => Promise<Pick<Polled, 'revision' | 'stamp' | 'changes'>>
  /** As recent as the view, and as what `listChanges` answered. */
  readonly foreignPrefixes: Pick<ForeignPrefixes, 'list'>
  readonly monotonic: () => number
}

/**
 * What changed after a revision. While nothing did, the answer is held back; it says how long, and how old the view is
 * that it was given from, so that the caller can tell the moment that it proves: `start of the request + heldMs − ageMs`.
 * @param options.admit asks once more for the caller's right, after the wait
 */
export async function answerChanges(
  { verifier, listChanges, foreignPrefixes, monotonic }: AnswerChangesDeps,
  { after, stamp: seenStamp, waitMs = 0, nonce }: z.output<typeof changesQuery>,
  options: { readonly startedMs: number; readonly signal: AbortSignal; readonly admit: () => Promise<Failure | null> },
): Promise<ChangesAnswer | Failure> {
  const { startedMs, signal, admit } = options
  const isOther = () => seenStamp !== undefined && seenStamp !== verifier.state().stamp
  if (after !== undefined && waitMs > 0 && !isOther()) await verifier.changedAfter(after, { withinMs: Math.min(waitMs, holdMsMax), signal })
  const seenMs = monotonic()
  const view = verifier.state()
  const refused = await admit() // by a view no older than that one
  if (refused) return refused
  if (!view.isFresh || view.revision === null) return notFresh
  // another node may have seen more than this one, or a database that was set back less: the primary knows
  const isSame = after === undefined || (after === view.revision && (seenStamp === undefined || seenStamp === view.stamp))
  const seen = { revision: view.revision, stamp: view.stamp ?? undefined, changes: [] }
  const { revision, stamp, changes } = isSame ? seen : await listChanges(after, seenStamp ?? null)
  const nowMs = monotonic()
  const prefixes = foreignPrefixes.list() ?? []
  return {
    revision,
    ...(stamp !== undefined && { stamp }),
    changes: changes === 'all' ? 'all' : [...changes],
    ...(prefixes.length > 0 && { foreignPrefixes: [...prefixes] }),
    heldMs: Math.floor(nowMs - startedMs),
    ageMs: Math.ceil(view.ageMs + nowMs - seenMs),
    ...(nonce !== undefined && { nonce }),
  }
}

const notFresh = failure('not_fresh', 'This node cannot prove that its view of the keys is recent enough. Try again.', { retryAfterSeconds: 1 })
