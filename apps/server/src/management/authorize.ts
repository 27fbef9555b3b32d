import type { KeyId, RootScope } from '@letterlock/contract'
import type { KeyFormat } from '@letterlock/keys'
import { bearerToken, keyInUrl, missingKey, refusalOf, type Verifier } from '@letterlock/verifier'
import { toFailure } from '../http/authenticate.ts'
import type { RootPrincipal } from './context.ts'
import { refuse } from './refuse.ts'

/** What is looked at of a request. */
export interface Credentials {
  readonly authorization: string | undefined
  /** Path and query as sent. */
  readonly url: string
  readonly ip: string
}

export interface AuthorizeDeps {
  readonly verifier: Pick<Verifier, 'verify'>
  readonly keyFormat: KeyFormat
  /** Flags a key that came in a URL as exposed, if it is a real one. */
  readonly reportExposed: (token: string) => Promise<void>
  /** Notes when and where from a root key was used. */
  readonly noteUse: (keyId: KeyId, at: Date, ip: string) => Promise<void>
  readonly clock: () => Date
}

/** Proves a root key and its right to the scope; throws the refusal otherwise. */
export async function authorize(deps: AuthorizeDeps, credentials: Credentials, scope: RootScope): Promise<RootPrincipal> {
  const exposed = deps.keyFormat.findKeys(decoded(credentials.url))
  for (const { token } of exposed.slice(0, 4)) await deps.reportExposed(token)
  if (exposed.length > 0) refuse(toFailure(keyInUrl))
  const key = bearerToken(credentials.authorization)
  if (key === null) refuse(toFailure({ ...missingKey, detail: 'Send a root key: Authorization: Bearer <key>.' }))
  const outcome = await deps.verifier.verify({ key, modes: ['root'], scope, ip: credentials.ip })
  const refusal = refusalOf(outcome, deps.clock())
  if (refusal) refuse(toFailure(refusal))
  if (outcome.code !== 'ok') throw new Error(`${outcome.code} was not refused`)
  await deps.noteUse(outcome.record.keyId, deps.clock(), credentials.ip)
  const { keyId, scopes, expiresAt } = outcome.record
  return { keyId, scopes, expiresAt }
}

function decoded(url: string) {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}
