/** Clients that can do no more than their key: at compile time, and checked when the program starts. */
import type { CallOptions } from './call-options.ts'
import { LetterlockError } from './errors.ts'
import { type OperationId, operations, type Resources } from './operations.generated.ts'
import { invalidArgument } from './wire-request.ts'

/** A scope of an API key, such as `contacts:read`. */
export type Scope = Exclude<(typeof operations)[OperationId]['scope'], null>

/** The name of a method, when a key with the scopes `S` may call it. */
type Callable<Id, Name, S> = Id extends OperationId ? ((typeof operations)[Id]['scope'] extends S | null ? Name : never) : never

/** The methods that a key with the scopes `S` may call. */
export type ScopedResources<S extends Scope> = {
  readonly [R in keyof Resources]: {
    readonly [M in keyof Resources[R] as Callable<`${R}.${M & string}`, M, S>]: Resources[R][M]
  }
}

/** What `checkScopes()` answers. */
export interface ScopeCheck {
  /** The scopes that the key has. */
  readonly granted: readonly string[]
  /** Those of them that were not declared: the key may do more than the program needs. */
  readonly undeclared: readonly string[]
}

/** A client on which a call that its scopes do not allow does not compile, and is not there. */
export type ScopedLetterlock<S extends Scope> = ScopedResources<S> & {
  /** Asks the server for the scopes of the key. @throws LetterlockError `missing_scopes` when a declared one is not among them */
  checkScopes(options?: CallOptions): Promise<ScopeCheck>
}

/** @throws LetterlockError `invalid_argument` for a scope that no operation has */
export function scopedClient<S extends Scope>(client: Resources, scopes: readonly S[]): ScopedLetterlock<S> {
  const declared = new Set<string | null>(scopes)
  const rows = Object.entries(operations)
  const unknown = scopes.find((scope) => !rows.some(([, row]) => row.scope === scope))
  if (unknown !== undefined) throw invalidArgument(`there is no scope ${JSON.stringify(unknown)}`)
  const scoped: Record<string, Record<string, unknown>> = {}
  for (const [id, row] of rows) {
    const [resource = '', method = ''] = id.split('.')
    const methods = (scoped[resource] ??= {})
    if (row.scope === null || declared.has(row.scope)) methods[method] = (client[resource as keyof Resources] as unknown as Record<string, unknown>)[method]
  }
  const checkScopes = async (options?: CallOptions): Promise<ScopeCheck> => {
    const { scopes: granted } = await client.key.get(options)
    const missing = scopes.filter((scope) => !granted.includes(scope))
    if (missing.length > 0) throw new LetterlockError('missing_scopes', `The API key lacks ${missing.join(', ')}; it has ${granted.join(', ') || 'no scope'}.`)
    return { granted, undeclared: granted.filter((scope) => !declared.has(scope)) }
  }
  return { ...scoped, checkScopes } as unknown as ScopedLetterlock<S> // made from the table that the type is made from
}
