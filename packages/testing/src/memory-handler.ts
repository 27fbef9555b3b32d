import type { AnswerOf, BodyOf, KeyId, OperationId, ParamsOf, QueryOf } from '@letterlock/contract'
import type { Failure, Principal } from '@letterlock/server/product-rooms'
import type { EmitEvent } from './webhooks/test-webhooks.ts'
import type { MemoryEnvironment } from './memory/environment.ts'

/** What a request carries when it reaches its handler: every part has been proven or parsed. */
export interface MemoryCall<Id extends OperationId> {
  readonly environment: MemoryEnvironment
  readonly principal: Principal
  readonly now: Date
  /** The caller's address. */
  readonly ip: string
  readonly params: ParamsOf<Id>
  readonly query: QueryOf<Id>
  readonly body: BodyOf<Id>
  readonly emit: EmitEvent
  /** Revokes a key, once; says when that was, and the revision. */
  readonly revokeKey: (keyId: KeyId) => { readonly revokedAt: Date; readonly revision: number }
}

/** Does the work of an operation at once, so that requests cannot overtake each other; a failure changed nothing. */
export type MemoryHandler<Id extends OperationId> = (call: MemoryCall<Id>) => AnswerOf<Id> | Failure

/** One handler for each operation of the table; a missing one does not compile. */
export type MemoryHandlers = { readonly [Id in OperationId]: MemoryHandler<Id> }
