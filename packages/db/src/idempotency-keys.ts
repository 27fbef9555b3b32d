/** Idempotency keys: the answer of a POST, stored in the transaction of its effect and kept for 24 hours. */
import type { EnvironmentId } from '@letterlock/contract'
import type { Db, Tx } from './connect.ts'

/** How long an answer is kept: 24 hours. */
export const keptForMs = 24 * 60 * 60 * 1000

export interface IdempotencyClaim {
  readonly operation: string
  readonly key: string
  /** SHA-256 of what the request asks for. */
  readonly requestHash: Buffer
  readonly now: Date
}

export type ClaimedIdempotencyKey =
  | { readonly state: 'new' }
  | { readonly state: 'stored'; readonly requestHash: Buffer; readonly status: number; readonly body: string | null }

/**
 * Claims the key for this transaction, or finds the answer of the request that had it first.
 *
 * The race: a concurrent twin inserts the same primary key, so it waits at the index until the first transaction ends.
 * Did that commit, the twin's `where` finds a young row and the twin reads the stored answer, which no sweep can remove
 * because the conflict left the row locked; did it roll back, the twin's own row goes in and it is the new one. A row
 * that is older than 24 hours counts as absent and is claimed again.
 */
export async function claimIdempotencyKey(
  tx: Tx,
  environmentId: EnvironmentId,
  { operation, key, requestHash, now }: IdempotencyClaim,
): Promise<ClaimedIdempotencyKey> {
  const claim = { request_hash: requestHash, status: null, body: null, created_at: now }
  const claimed = await tx
    .insertInto('idempotency_keys')
    .values({ environment_id: environmentId, operation, idempotency_key: key, ...claim })
    .onConflict((conflict) =>
      conflict
        .columns(['environment_id', 'operation', 'idempotency_key'])
        .doUpdateSet(claim)
        .where('idempotency_keys.created_at', '<=', new Date(now.getTime() - keptForMs)),
    )
    .returning('idempotency_key')
    .executeTakeFirst()
  if (claimed) return { state: 'new' }
  const stored = await tx
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'status', 'body'])
    .where('environment_id', '=', environmentId)
    .where('operation', '=', operation)
    .where('idempotency_key', '=', key)
    .executeTakeFirstOrThrow()
  if (stored.status === null) throw new Error('an idempotency key was committed without its answer')
  return { state: 'stored', requestHash: stored.request_hash, status: stored.status, body: stored.body }
}

/** Stores the answer beside the claim; to be called in the transaction that claimed the key. */
export async function storeIdempotentAnswer(
  tx: Tx,
  environmentId: EnvironmentId,
  answer: { readonly operation: string; readonly key: string; readonly status: number; readonly body: string | null },
): Promise<void> {
  await tx
    .updateTable('idempotency_keys')
    .set({ status: answer.status, body: answer.body })
    .where('environment_id', '=', environmentId)
    .where('operation', '=', answer.operation)
    .where('idempotency_key', '=', answer.key)
    .execute()
}

/** Sweeps the keys of all environments that were claimed before the time; returns how many (1 000 at most). */
export async function deleteOldIdempotencyKeys(db: Db | Tx, before: Date): Promise<number> {
  const deleted = await db
    .deleteFrom('idempotency_keys')
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('environment_id', 'operation', 'idempotency_key'),
        'in',
        selectFrom('idempotency_keys as old')
          .select(['old.environment_id', 'old.operation', 'old.idempotency_key'])
          .where('old.created_at', '<', before)
          .orderBy('old.created_at')
          .limit(1_000)
          .$asTuple('environment_id', 'operation', 'idempotency_key'),
      ),
    )
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}
