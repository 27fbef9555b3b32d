import type { AnswerOf, BodyOf, OperationId, operations, ParamsOf, QueryOf, RequestId } from '@letterlock/contract'
import type { Db, Tx } from '@letterlock/db'
import type { Failure } from './failure.ts'
import type { Principal } from './principal.ts'

/** What a request carries when it reaches its handler: every part has been proven or parsed. */
export interface Call<Id extends OperationId> {
  readonly principal: Principal
  readonly requestId: RequestId
  /** The address of the caller; forwarded ones count only from configured proxies. */
  readonly ip: string
  readonly now: Date
  readonly params: ParamsOf<Id>
  readonly query: QueryOf<Id>
  readonly body: BodyOf<Id>
}

type IsRead<Id extends OperationId> = (typeof operations)[Id]['method'] extends 'GET' ? true : false

/** GET handlers read from the pool; all others run in the one transaction of their request. */
export type Handler<Id extends OperationId> = (
  db: IsRead<Id> extends true ? Db : Tx,
  call: Call<Id>,
) => Promise<AnswerOf<Id> | Failure>

/** One handler for each operation of the table; a missing one does not compile. */
export type Handlers = { readonly [Id in OperationId]: Handler<Id> }
