import type { KeyId, RequestId, RootScope } from '@letterlock/contract'
import type { Db } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import type { Peppers } from '@letterlock/keys/digest'
import type { Verifier } from '@letterlock/verifier'
import type { Use } from '../jobs/usage-recorder.ts'

/** What the procedures need of the world. */
export interface ManagementDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly keyFormat: KeyFormat
  readonly peppers: Peppers
  readonly verifier: Pick<Verifier, 'verify'>
  /** Records what an API key was verified for. */
  readonly recordUse: (use: Use) => void
  /** Where people outside reach the product API and its pages. */
  readonly publicUrl: () => string
}

/** What is asked for, and the scope that it needs. */
export interface Wanted {
  readonly scope: RootScope
  /** The name of the procedure. */
  readonly procedure: string
}

/** Who calls a procedure: a root key that was proven and has the scope of the procedure. */
export interface RootPrincipal {
  readonly keyId: KeyId
  readonly scopes: readonly string[]
  /** Null: never. */
  readonly expiresAt: Date | null
}

/** What a request carries into its procedure. */
export interface ManagementContext {
  readonly requestId: RequestId
  readonly ip: string
  /** Cuts keys out of what a refusal repeats of the request, such as the name of an unknown field. */
  readonly redact: (text: string) => string
  /** Proves the caller and his right to the scope; throws the refusal otherwise. */
  readonly authorize: (wanted: Wanted) => Promise<RootPrincipal>
  /** Waits until this node has seen a revision. */
  readonly settle: (revision: number) => Promise<void>
}

/** The context behind the scope check. */
export interface AuthorizedContext extends ManagementContext {
  readonly principal: RootPrincipal
}
