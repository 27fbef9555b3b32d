import { type ErrorCode, errorCodes, type Issue } from '@letterlock/contract'
import type { Outcome, Refusal as PolicyRefusal } from '../policy/outcome.ts'

/** A refusal as it goes over the wire, as data. */
export interface HttpRefusal {
  readonly status: number
  readonly code: ErrorCode
  readonly title: string
  /** One sentence for the caller: what happened and what to do. */
  readonly detail: string
  /** Further members of the problem body, such as `requiredScope` or `meter`. */
  readonly members: Readonly<Record<string, unknown>>
  /** Whole seconds, 1 or more. */
  readonly retryAfterSeconds?: number
  /** The value of `WWW-Authenticate`: with every 401, and with the 403 of a missing scope. */
  readonly wwwAuthenticate?: string
}

/** How an outcome is refused; null for `ok`. Nothing in it is secret, and `invalid_key` tells nothing about why. */
export function refusalOf(outcome: Outcome, now: Date): HttpRefusal | null {
  switch (outcome.code) {
    case 'ok':
      return null
    case 'invalid_key':
      return invalidKey
    case 'unavailable':
    case 'not_fresh':
      return refusal(outcome.code, outages[outcome.code], retryAfter(outcome.retryAfterMs))
    case 'rate_limited': {
      const wait = retryAfter(outcome.retryAfterMs)
      const advice = 'retryAfterSeconds' in wait ? `Try again in ${wait.retryAfterSeconds} s.` : 'So much never fits at once.'
      return refusal(outcome.code, `${outcome.explanation} ${advice}`, { ...wait, members: { limitName: outcome.limitName } })
    }
    case 'quota_exceeded': {
      const { meter, limit, resetsAt } = outcome
      const members = { meter, limit, ...(resetsAt && { resetsAt: resetsAt.toISOString() }) }
      return refusal(outcome.code, outcome.explanation, { members, ...(resetsAt && retryAfter(resetsAt.getTime() - now.getTime())) })
    }
    default:
      return refusal(outcome.code, `${outcome.explanation}${advices[outcome.code]}`, { members: factsOf(outcome) })
  }
}

function factsOf(refused: PolicyRefusal): Record<string, unknown> {
  if (refused.code === 'expired_key') return { expiredAt: refused.expiredAt.toISOString() }
  if (refused.code === 'retired_secret') return { retiredAt: refused.retiredAt.toISOString() }
  if (refused.code === 'insufficient_scope') return { requiredScope: refused.requiredScope, keyScopes: refused.keyScopes }
  return {}
}

/** No key was sent. */
export const missingKey = refusal('missing_key', 'Send your API key: Authorization: Bearer <key>.')

/** A key came where logs keep it. */
export const keyInUrl = refusal(
  'key_in_url',
  'An API key came in the URL, where logs keep it. Replace that key, and send the new one as a Bearer token.',
)

/** The `Letterlock-Min-Revision` of the request is no revision. */
export const badMinRevision = refusal('invalid_request', 'The request does not fit its schema: Letterlock-Min-Revision.', {
  members: { issues: [{ path: 'Letterlock-Min-Revision', message: 'expected a whole number of 0 or more' } satisfies Issue] },
})

/** The body of a refusal: RFC 9457 problem details in JSON. */
export function problemJson({ code, title, status, detail, members }: HttpRefusal, requestId: string): string {
  return JSON.stringify({ type: `https://letterlock.dev/errors/${code}`, title, status, detail, code, requestId, ...members })
}

/** The header of a refusal, beside what `answerHeaders` says. */
export function refusalHeaders({ retryAfterSeconds, wwwAuthenticate }: HttpRefusal, requestId: string): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    'x-request-id': requestId,
    'cache-control': 'no-store',
    ...(wwwAuthenticate !== undefined && { 'www-authenticate': wwwAuthenticate }),
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  }
}

type More = Pick<HttpRefusal, 'retryAfterSeconds'> & { readonly members?: HttpRefusal['members'] }

function refusal(code: ErrorCode, detail: string, { members = {}, ...more }: More = {}): HttpRefusal {
  const { status, title } = errorCodes[code]
  const wwwAuthenticate = challengeOf(code, members['requiredScope'])
  return { status, code, title, detail, members, ...more, ...(wwwAuthenticate && { wwwAuthenticate }) }
}

/** The value of `WWW-Authenticate` for a code, or null. RFC 6750 §3.1: no error code when no credential was sent. */
export function challengeOf(code: ErrorCode, scope?: unknown): string | null {
  if (code === 'missing_key') return 'Bearer realm="letterlock"'
  if (code === 'insufficient_scope') return `Bearer realm="letterlock", error="insufficient_scope", scope="${String(scope)}"`
  return errorCodes[code].status === 401 ? 'Bearer realm="letterlock", error="invalid_token"' : null
}

/** Nothing where waiting does not help: so much never fits at once. */
function retryAfter(ms: number): Pick<HttpRefusal, 'retryAfterSeconds'> {
  return Number.isFinite(ms) ? { retryAfterSeconds: Math.max(1, Math.ceil(ms / 1_000)) } : {}
}

const outages = {
  unavailable: 'Keys cannot be verified at the moment. Try again.',
  not_fresh: 'This node cannot prove that its view of the keys is recent enough. Try again.',
}

/** What to do, after what happened. */
const advices = {
  expired_key: ' Ask its owner for a new one.',
  revoked_key: ' Ask its owner for a new one.',
  disabled_key: '',
  retired_secret: ' Load the newer one of the same key.',
  workspace_suspended: '',
  ip_not_allowed: '',
  key_quarantined: ' It is in quarantine after a leak or an alarm: ask its owner to have it rotated and released.',
  insufficient_scope: '',
}
const invalidKey = refusal('invalid_key', 'This API key is not valid.')
