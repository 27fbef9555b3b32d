import { type OperationId, operations } from '@letterlock/contract'
import { type Db, idempotencyKeys, type Tx } from '@letterlock/db'
import type { Answered } from './answer.ts'
import { failure, type Failure, isFailure } from './failure.ts'
import type { Call, Handler, Handlers } from './handler.ts'
import { idempotencyMismatch } from './idempotency-key.ts'
import { requestHash } from './request-hash.ts'
import { retryConflicts } from './retry-conflicts.ts'
import type { WriteTurns } from './write-turns.ts'

/** A successful answer of an operation. */
export interface Executed extends Answered {
  /** Of the control plane, when the operation changed it. */
  readonly revision?: number
}

/** Asked when the work is about to begin: why it may no longer. */
export type Recheck = () => Promise<Failure | null>

/** Runs an operation: reads on the pool, everything else, when its turn comes, in one transaction with its idempotency row. */
export async function execute(
  deps: { db: Db; handlers: Handlers; writeTurns: WriteTurns; settle: (revision: number) => Promise<void> },
  call: Call<OperationId> & { operationId: OperationId; idempotencyKey: string | undefined },
  recheck: Recheck,
): Promise<Executed | Failure> {
  const handler = deps.handlers[call.operationId] as Handler<OperationId> // the table pairs id and handler
  if (operations[call.operationId].method === 'GET') return (await recheck()) ?? toExecuted(await handler(deps.db as Tx, call))
  const work = (tx: Tx) => (call.idempotencyKey === undefined ? run(tx) : runOnce(tx, call.idempotencyKey))
  const executed = await deps.writeTurns.run(call.principal.environmentId, async () => (await recheck()) ?? inTransaction(deps.db, work))
  if (executed === 'no_turn') return noTurn
  if ('revision' in executed && executed.revision !== undefined) await deps.settle(executed.revision)
  return executed

  async function run(tx: Tx) {
    return toExecuted(await handler(tx, call))
  }

  async function runOnce(tx: Tx, key: string): Promise<Executed | Failure> {
    const { environmentId } = call.principal
    const claim = { operation: call.operationId, key, requestHash: requestHash(call.operationId, call), now: call.now }
    const claimed = await idempotencyKeys.claimIdempotencyKey(tx, environmentId, claim)
    if (claimed.state === 'stored') {
      if (!claim.requestHash.equals(claimed.requestHash)) return idempotencyMismatch
      return { status: claimed.status, json: claimed.body, replayed: true }
    }
    const executed = await run(tx)
    if (isFailure(executed)) return executed
    await idempotencyKeys.storeIdempotentAnswer(tx, environmentId, { ...claim, status: executed.status, body: executed.json })
    return executed
  }
}

function toExecuted(answer: { status: number; body: unknown } | Failure): Executed | Failure {
  if (isFailure(answer)) return answer
  const { status, body } = answer
  const revision = typeof body === 'object' && body !== null && 'revision' in body ? { revision: body.revision as number } : {} // by the table
  return { status, json: body === null ? null : JSON.stringify(body), replayed: false, ...revision }
}

/** Carries an expected failure out of a transaction, so that it rolls back. */
class Refused extends Error {
  readonly refusal: Failure
  constructor(refusal: Failure) {
    super(refusal.failure)
    this.refusal = refusal
  }
}

async function inTransaction<T extends object>(db: Db, work: (tx: Tx) => Promise<T | Failure>): Promise<T | Failure> {
  const transaction = () =>
    db.transaction().execute(async (tx) => {
      const result = await work(tx)
      if (isFailure(result)) throw new Refused(result)
      return result
    })
  try {
    return await retryConflicts(transaction)
  } catch (error) {
    if (error instanceof Refused) return error.refusal
    throw error
  }
}

const noTurn = failure('unavailable', 'Too many writes of this environment are waiting. Try again, with fewer at once.', { retryAfterSeconds: 2 })
