import { keys, type Tx } from '@letterlock/db'
import { failure, type Failure } from '../http/failure.ts'
import type { RootPrincipal } from './context.ts'
import { noSuchRootKey } from './not-found.ts'
import { refuse } from './refuse.ts'

type Grants = readonly string[] | null

/**
 * Ends the procedure when a caller would give a scope of API keys that he may not grant. `scopes` is all that the key or
 * role can do afterwards, so that no detour over a role, a new end or a new secret leads beyond it.
 */
export async function refuseGrantsBeyond(tx: Tx, principal: Pick<RootPrincipal, 'keyId'>, scopes: readonly string[]): Promise<void> {
  refuseBeyond(await grantsOf(tx, principal), scopes)
}

/** The scopes of API keys that a caller may grant; null: any. Read in the transaction that grants, never remembered. */
export async function grantsOf(tx: Tx, { keyId }: Pick<RootPrincipal, 'keyId'>): Promise<Grants> {
  const caller = (await keys.findRootKey(tx, keyId)) ?? refuse(noSuchRootKey)
  return caller.grants
}

export function refuseBeyond(grants: Grants, scopes: readonly string[]): void {
  const fault = beyond(grants, scopes)
  if (fault) refuse(fault)
}

/** What is wrong with granting these scopes; null: nothing. */
export function beyond(grants: Grants, scopes: readonly string[]): Failure | null {
  const missing = grants && scopes.find((scope) => !grants.includes(scope))
  if (!grants || missing === undefined || missing === null) return null
  const members = { requiredScope: missing, keyScopes: grants }
  return failure('insufficient_scope', `A root key can grant only the scopes in its grants; yours lack ${missing}.`, { members })
}
