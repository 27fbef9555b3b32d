import { errorCodes } from '@letterlock/contract'
import type { KeyFormat } from '@letterlock/keys'
import { bearerToken, keyInUrl, missingKey, refusalOf, type Verifier } from '@letterlock/verifier'
import { claimedKeyId, toFailure } from '../http/authenticate.ts'
import type { Failure } from '../http/failure.ts'
import type { Attempt } from '../jobs/usage-recorder.ts'
import type { RootPrincipal, Wanted } from './context.ts'
import type { UsedSecret } from './note-root-key-use.ts'
import { refuse } from './refuse.ts'

/** What is looked at of a request. */
export interface Credentials {
  readonly authorization: string | undefined
  /** Path and query as sent. */
  readonly url: string
  readonly ip: string
  readonly userAgent: string | null
  readonly requestId: string
}

export interface AuthorizeDeps {
  readonly verifier: Pick<Verifier, 'verify'>
  readonly keyFormat: KeyFormat
  /** Flags a key that came in a URL as exposed, if it is a real one. */
  readonly reportExposed: (token: string) => void
  /** Notes when and where from a root key was used. */
  readonly noteUse: (secret: UsedSecret, at: Date, ip: string) => void
  /** Records a request that proved no key. */
  readonly recordAttempt: (attempt: Attempt) => void
  readonly clock: () => Date
}

/** Proves a root key and its right to the scope; throws the refusal otherwise. */
export async function authorize(deps: AuthorizeDeps, credentials: Credentials, { scope, procedure }: Wanted): Promise<RootPrincipal> {
  const exposed = deps.keyFormat.findKeys(decoded(credentials.url))
  for (const { token } of exposed.slice(0, 4)) deps.reportExposed(token)
  if (exposed.length > 0) refuse(toFailure(keyInUrl))
  const key = bearerToken(credentials.authorization)
  if (key === null) return refuseStranger(toFailure({ ...missingKey, detail: 'Send a root key: Authorization: Bearer <key>.' }))
  const outcome = await deps.verifier.verify({ key, modes: ['root'], scope, ip: credentials.ip })
  const refusal = refusalOf(outcome, deps.clock())
  if (refusal) return 'record' in outcome ? refuse(toFailure(refusal)) : refuseStranger(toFailure(refusal))
  if (outcome.code !== 'ok') throw new Error(`${outcome.code} was not refused`)
  const { keyId, scopes, expiresAt } = outcome.record
  deps.noteUse({ keyId, secretVersion: outcome.secretVersion }, deps.clock(), credentials.ip)
  return { keyId, scopes, expiresAt }

  function refuseStranger(refusal: Failure): never {
    const { ip, userAgent, requestId } = credentials
    const { failure: outcome } = refusal
    deps.recordAttempt({
      requestId, ip, userAgent, outcome,
      claimedKeyId: claimedKeyId(deps.keyFormat, key),
      operationId: procedure,
      status: errorCodes[outcome].status,
      now: deps.clock(),
    })
    refuse(refusal)
  }
}

function decoded(url: string) {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}
