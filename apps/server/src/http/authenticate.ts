import { type EnvironmentId, errorCodes, type ProductScope, type WorkspaceId } from '@letterlock/contract'
import type { KeyRecord, LimitState, NoAnswer, Outcome, ProvenOutcome, Verify } from '@letterlock/verifier'
import { failure, type Failure } from './failure.ts'
import type { Principal } from './principal.ts'

/** What the authentication room needs to know of a request. */
export interface Credentials {
  readonly authorization: string | undefined
  readonly ip: string
  readonly scope: ProductScope | null
  readonly now: Date
}

/** Headers are added to the answer in either case: key state and limits. */
export type Authenticated =
  | { readonly principal: Principal; readonly headers: Record<string, string> }
  | { readonly refused: Failure; readonly principal: Principal | null; readonly headers: Record<string, string> }

export type Authenticate = (credentials: Credentials) => Promise<Authenticated>

/** The room that turns an Authorization header into a principal, or into the right refusal. */
export function authenticate(verify: Verify): Authenticate {
  return async ({ authorization, scope, ip, now }) => {
    const token = bearerToken(authorization)
    if (token === null) return { refused: missingKey, principal: null, headers: {} }
    return fromOutcome(await verify({ key: token, modes: ['live', 'test'], ip, scope }), now)
  }
}

/** The token of a Bearer header (RFC 6750 §2.1, the scheme in any case); null when there is none. */
export function bearerToken(authorization: string | undefined): string | null {
  const match = /^bearer +(\S.*)$/i.exec(authorization ?? '')
  return match?.[1]?.trim() ?? null
}

function fromOutcome(outcome: Outcome, now: Date): Authenticated {
  if (outcome.code === 'invalid_key') return { refused: invalidKey, principal: null, headers: {} }
  if (outcome.code === 'unavailable' || outcome.code === 'not_fresh') return { refused: noAnswer(outcome), principal: null, headers: {} }
  const principal = toPrincipal(outcome.record)
  const headers = { ...keyHeaders(outcome, now), ...limitHeaders(outcome.limits) }
  if (outcome.code === 'ok') return { principal, headers }
  return { refused: refusal(outcome), principal, headers }
}

function toPrincipal(record: KeyRecord): Principal {
  const { keyId, name, mode, scopes, expiresAt, createdAt, rateLimits } = record
  return {
    keyId, name, scopes, expiresAt, createdAt,
    mode: mode as 'live' | 'test', // the modes that were asked for
    workspaceId: record.workspaceId as WorkspaceId, // null for root keys alone
    environmentId: record.environmentId as EnvironmentId, // likewise
    rateLimits: rateLimits.map((limit) => ({ name: limit.name, limit: limit.limit, ...(limit.burst !== limit.count && { burst: limit.burst }) })),
  }
}

function keyHeaders(outcome: ProvenOutcome, now: Date): Record<string, string> {
  const { keyId, expiresAt } = outcome.record
  const soon = expiresAt !== null && expiresAt.getTime() - now.getTime() <= 30 * 86_400_000
  return {
    'letterlock-key-id': keyId,
    ...(soon && { 'letterlock-key-expires-at': expiresAt.toISOString() }),
    ...(outcome.superseded && { 'letterlock-key-superseded': 'true' }),
  }
}

/** draft-ietf-httpapi-ratelimit-headers-11: times in whole seconds. */
function limitHeaders(limits: readonly LimitState[]): Record<string, string> {
  if (limits.length === 0) return {}
  const seconds = (ms: number) => Math.ceil(ms / 1_000)
  return {
    'ratelimit-policy': limits.map((limit) => `"${limit.name}";q=${limit.count};w=${Math.max(1, seconds(limit.periodMs))}`).join(', '),
    ratelimit: limits.map((limit) => `"${limit.name}";r=${limit.remaining};t=${seconds(limit.resetMs)}`).join(', '),
  }
}

function noAnswer({ code, retryAfterMs }: NoAnswer): Failure {
  return failure(code, errorCodes[code].when, { retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)) })
}

function refusal(outcome: Exclude<ProvenOutcome, { code: 'ok' }>): Failure {
  switch (outcome.code) {
    case 'insufficient_scope': {
      const { requiredScope, keyScopes } = outcome
      return failure('insufficient_scope', `This operation needs the scope ${requiredScope}.`, { members: { requiredScope, keyScopes } })
    }
    case 'rate_limited': {
      const retryAfterSeconds = Math.max(1, Math.ceil(outcome.retryAfterMs / 1_000))
      return failure('rate_limited', `The limit "${outcome.limitName}" is used up. Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds })
    }
    case 'quota_exceeded': {
      const { meter, limit, resetsAt, explanation } = outcome
      return failure(outcome.code, explanation, { members: { meter, limit, ...(resetsAt && { resetsAt: resetsAt.toISOString() }) } })
    }
    default:
      return failure(outcome.code, details[outcome.code])
  }
}

const details = {
  expired_key: 'This key has expired. Ask its owner for a new one.',
  revoked_key: 'This key has been revoked. Ask its owner for a new one.',
  disabled_key: 'This key is disabled for now. Its owner can enable it.',
  retired_secret: 'This secret was replaced by a newer one of the same key. Load the new one.',
  ip_not_allowed: 'This key may not be used from your address.',
  workspace_suspended: 'The workspace of this key is suspended.',
}
const missingKey = failure('missing_key', 'Send your API key: Authorization: Bearer <key>.')
const invalidKey = failure('invalid_key', 'This API key is not valid.')
