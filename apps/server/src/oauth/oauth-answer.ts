import type { RequestId } from '@letterlock/contract'

/** Why a request of OAuth fails: RFC 6749 section 5.2, RFC 7009 section 2.2.1, RFC 8693 section 2.2.2. */
export type OAuthError =
  | 'invalid_client' | 'invalid_request' | 'invalid_scope' | 'invalid_target' | 'temporarily_unavailable' | 'unauthorized_client'
  | 'unsupported_grant_type' | 'unsupported_token_type'

/** An expected failure of OAuth. */
export interface OAuthRefusal {
  readonly error: OAuthError
  readonly description: string
  /** 400 unless given. */
  readonly status?: 401 | 405 | 413 | 415 | 429 | 503
  readonly retryAfterSeconds?: number
}

export function isRefusal(answer: object): answer is OAuthRefusal {
  return 'error' in answer
}

export function badRequest(description: string): OAuthRefusal {
  return { error: 'invalid_request', description }
}

/** An answer that no cache may keep: tokens and what is known of them are in it. */
export function oauthAnswer(answer: object, requestId: RequestId): Response {
  if (!isRefusal(answer)) return Response.json(answer, { headers: headersOf(requestId) })
  const { error, description, status = 400, retryAfterSeconds } = answer
  return Response.json({ error, error_description: description }, {
    status,
    headers: {
      ...headersOf(requestId),
      ...(status === 401 && { 'www-authenticate': 'Basic realm="letterlock"' }),
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    },
  })
}

function headersOf(requestId: RequestId): Record<string, string> {
  return { 'cache-control': 'no-store', pragma: 'no-cache', 'x-request-id': requestId }
}
