import { errorCodes, type KeyId, type RootScope } from '@letterlock/contract'
import type { KeyFormat } from '@letterlock/keys'
import type { Outcome, Verify } from '@letterlock/verifier'
import { bearerToken } from '../http/authenticate.ts'
import { failure, type Failure } from '../http/failure.ts'
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
  readonly verify: Verify
  readonly keyFormat: KeyFormat
  /** Flags a key that came in a URL as exposed, if it is a real one. */
  readonly reportExposed: (token: string) => Promise<void>
  readonly noteUse: (keyId: KeyId, at: Date) => Promise<void>
  readonly clock: () => Date
}

/** Proves a root key and its right to the scope; throws the refusal otherwise. */
export async function authorize(deps: AuthorizeDeps, credentials: Credentials, scope: RootScope): Promise<RootPrincipal> {
  const exposed = deps.keyFormat.findKeys(decoded(credentials.url))
  for (const { token } of exposed.slice(0, 4)) await deps.reportExposed(token)
  if (exposed.length > 0) refuse(refusals.key_in_url)
  const key = bearerToken(credentials.authorization)
  if (key === null) refuse(refusals.missing_key)
  const outcome = await deps.verify({ key, modes: ['root'], scope, ip: credentials.ip })
  if (outcome.code !== 'ok') refuse(refusalOf(outcome))
  await deps.noteUse(outcome.record.keyId, deps.clock())
  const { keyId, scopes, expiresAt } = outcome.record
  return { keyId, scopes, expiresAt }
}

function refusalOf(outcome: Exclude<Outcome, { code: 'ok' }>): Failure {
  const { when } = errorCodes[outcome.code]
  if (outcome.code === 'insufficient_scope') {
    const { requiredScope, keyScopes } = outcome
    return failure(outcome.code, `This procedure needs the scope ${requiredScope}.`, { members: { requiredScope, keyScopes } })
  }
  if ('retryAfterMs' in outcome) {
    return failure(outcome.code, when, { retryAfterSeconds: Math.max(1, Math.ceil(outcome.retryAfterMs / 1_000)) })
  }
  return failure(outcome.code, when)
}

function decoded(url: string) {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}

const refusals = {
  key_in_url: failure('key_in_url', errorCodes.key_in_url.when),
  missing_key: failure('missing_key', 'Send a root key: Authorization: Bearer <key>.'),
}
