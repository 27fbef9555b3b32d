import type { EnvironmentId, KeyId, ProductScope, WorkspaceId } from '@letterlock/contract'
import type { KeyFormat } from '@letterlock/keys'
import {
  answerHeaders, badMinRevision, bearerToken, type HttpRefusal, type KeyRecord, minRevisionOf, missingKey, type Outcome, refusalOf, type Verify,
} from '@letterlock/verifier'
import type { Failure } from './failure.ts'
import type { Principal } from './principal.ts'

/** What the authentication room needs to know of a request. */
export interface Credentials {
  readonly authorization: string | undefined
  /** The `Letterlock-Min-Revision` of the request. */
  readonly minRevision: string | undefined
  readonly ip: string
  readonly scope: ProductScope | null
  /** How many tokens it takes from the rate limits; 1 unless given. */
  readonly cost?: number
  readonly now: Date
}

/** Who calls, or why he may not. Headers are added to the answer in either case: key state and limits. */
export interface Authenticated {
  /** Null when no key was proven. */
  readonly principal: Principal | null
  readonly secretVersion: number | null
  /** The id in a key that was not proven. */
  readonly claimedKeyId: KeyId | null
  /** Null when the request may pass; then there is a principal. */
  readonly refused: Failure | null
  readonly headers: Record<string, string>
}

/** Answers at once when the verifier does. */
export type Authenticate = (credentials: Credentials) => Authenticated | Promise<Authenticated>

/** The room that turns an Authorization header into a principal, or into the right refusal. */
export function authenticate(verify: Verify, keyFormat: Pick<KeyFormat, 'parse'>): Authenticate {
  return ({ authorization, minRevision: given, scope, ip, cost = 1, now }) => {
    const key = bearerToken(authorization)
    if (key === null) return stranger(missingKey)
    const minRevision = minRevisionOf(given)
    if (minRevision === null) return stranger(badMinRevision)
    const outcome = verify({ key, modes: ['live', 'test'], ip, scope, cost, minRevision })
    return outcome instanceof Promise ? outcome.then(conclude) : conclude(outcome)

    function conclude(outcome: Outcome): Authenticated {
      return 'record' in outcome ? known(outcome, now) : stranger(refusalOf(outcome, now), claimedKeyId(keyFormat, key))
    }
  }
}

/** The id in a key that nothing proves; null when it is none. */
export function claimedKeyId(keyFormat: Pick<KeyFormat, 'parse'>, key: string | null): KeyId | null {
  const parsed = keyFormat.parse(key ?? '')
  return parsed.ok ? (parsed.keyId as string as KeyId) : null // the same shape under the brand of the contract
}

/** A refusal of the verifier as the failure that the rooms of this server know. */
export function toFailure({ code, detail, members, retryAfterSeconds }: HttpRefusal): Failure {
  return { failure: code, detail, members, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
}

function known(outcome: Extract<Outcome, { record: KeyRecord }>, now: Date): Authenticated {
  const refusal = refusalOf(outcome, now)
  return {
    principal: principalOf(outcome.record),
    secretVersion: outcome.secretVersion,
    claimedKeyId: null,
    refused: refusal && toFailure(refusal),
    headers: answerHeaders(outcome, now),
  }
}

function stranger(refusal: HttpRefusal | null, claimedKeyId: KeyId | null = null): Authenticated {
  if (!refusal) throw new Error('only a proven key is let in')
  return { principal: null, secretVersion: null, claimedKeyId, refused: toFailure(refusal), headers: {} }
}

const principals = new WeakMap<KeyRecord, Principal>()

/** Made once for each record: a record that is held in memory serves many requests. */
function principalOf(record: KeyRecord): Principal {
  const made = principals.get(record) ?? toPrincipal(record)
  principals.set(record, made)
  return made
}

function toPrincipal({ keyId, name, mode, scopes, expiresAt, createdAt, rateLimits, workspaceId, environmentId }: KeyRecord): Principal {
  return {
    keyId, name, scopes, expiresAt, createdAt,
    mode: mode as 'live' | 'test', // the modes that were asked for
    workspaceId: workspaceId as WorkspaceId, // null for root keys alone
    environmentId: environmentId as EnvironmentId, // likewise
    rateLimits: rateLimits.map((limit) => ({ name: limit.name, limit: limit.limit, ...(limit.burst !== limit.count && { burst: limit.burst }) })),
  }
}
