import type { OperationId, ProductScope } from '@letterlock/contract'
import type { Failure } from './failure.ts'
import type { Principal } from './principal.ts'

/** What the authentication room needs to know of a request. */
export interface Credentials {
  readonly authorization: string | undefined
  /** Path and query as sent. */
  readonly url: string
  readonly ip: string
  readonly operationId: OperationId
  readonly scope: ProductScope | null
  readonly now: Date
}

/** Headers are added to the answer in either case: key state and limits. */
export type Authenticated =
  | { readonly principal: Principal; readonly headers: Record<string, string> }
  | { readonly refused: Failure; readonly principal: Principal | null; readonly headers: Record<string, string> }

export type Authenticate = (credentials: Credentials) => Promise<Authenticated>
