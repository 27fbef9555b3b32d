import { failure } from '../../http/failure.ts'
import type { RootPrincipal } from '../context.ts'
import { refuse } from '../refuse.ts'

/** Ends the procedure when a scope is not the caller's own; otherwise the scope rootKeys:write would be every scope. */
export function refuseScopesBeyond(principal: RootPrincipal, scopes: readonly string[], rule: string): void {
  const missing = scopes.find((scope) => !principal.scopes.includes(scope))
  if (missing === undefined) return
  const members = { requiredScope: missing, keyScopes: principal.scopes }
  refuse(failure('insufficient_scope', `${rule}; yours lacks ${missing}.`, { members }))
}
