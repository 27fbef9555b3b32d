import { type OperationId, operations } from '@letterlock/contract'
import { type Db, idempotencyKeys, type Tx } from '@letterlock/db'
import { failure, type Failure, isFailure } from './failure.ts'
import type { Call, Handler, Handlers } from './handler.ts'
import { isRetryable } from './database-failure.ts'
import { requestHash } from './request-hash.ts'

/** A successful answer; the body is JSON text already, null where there is none. */
export interface Executed {
  readonly status: number
  readonly json: string | null
  readonly replayed: boolean
}

/** Runs an operation: reads on the pool, everything else in one transaction with its idempotency row. */
export async function execute(
  deps: { db: Db; handlers: Handlers },
  call: Call<OperationId> & { operationId: OperationId; idempotencyKey: string | undefined },
): Promise<Executed | Failure> {
  const handler = deps.handlers[call.operationId] as Handler<OperationId> // the table pairs id and handler
  if (operations[call.operationId].method === 'GET') return toExecuted(await handler(deps.db as Tx, call))
  return inTransaction(deps.db, (tx) => (call.idempotencyKey === undefined ? run(tx) : runOnce(tx, call.idempotencyKey)))

  async function run(tx: Tx) {
    return toExecuted(await handler(tx, call))
  }

  async function runOnce(tx: Tx, key: string): Promise<Executed | Failure> {
    const { environmentId } = call.principal
    const claim = { operation: call.operationId, key, requestHash: requestHash(call.operationId, call), now: call.now }
    const claimed = await idempotencyKeys.claimIdempotencyKey(tx, environmentId, claim)
    if (claimed.state === 'stored') {
      if (!claim.requestHash.equals(claimed.requestHash)) return mismatch
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
  return { status: answer.status, json: answer.body === null ? null : JSON.stringify(answer.body), replayed: false }
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
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(async (tx) => {
        const result = await work(tx)
        if (isFailure(result)) throw new Refused(result)
        return result
      })
    } catch (error) {
      if (error instanceof Refused) return error.refusal
      if (!isRetryable(error) || attempt === 3) throw error
    }
  }
}

const mismatch = failure('idempotency_mismatch', 'This Idempotency-Key was used for another request. Use a new key for a new request.')
