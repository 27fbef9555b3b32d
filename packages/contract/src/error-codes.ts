/** The closed list of error codes on the wire: its status, its title, and when it is answered. */
export const errorCodes = {
  missing_key: { status: 401, title: 'No API key', when: 'The request has no Authorization header of the Bearer scheme.' },
  invalid_key: { status: 401, title: 'Invalid API key', when: 'The key is unknown, malformed or wrong; these are indistinguishable.' },
  expired_key: { status: 401, title: 'API key expired', when: 'The key was proven and its expiry has passed.' },
  revoked_key: { status: 401, title: 'API key revoked', when: 'The key was proven and has been revoked.' },
  disabled_key: { status: 401, title: 'API key disabled', when: 'The key was proven and is disabled for now.' },
  retired_secret: { status: 401, title: 'Secret retired', when: 'The secret was proven; a newer version of the key has replaced it.' },
  key_in_url: { status: 401, title: 'API key in the URL or body', when: 'A key came in the URL or body. Send it as a Bearer token; replace the exposed one.' },
  insufficient_scope: { status: 403, title: 'Missing scope', when: 'The key lacks the scope of the operation (requiredScope, keyScopes).' },
  ip_not_allowed: { status: 403, title: 'Address not allowed', when: 'The caller is not in the allow-list of the key.' },
  workspace_suspended: { status: 403, title: 'Workspace suspended', when: 'The workspace of the key is suspended.' },
  key_quarantined: { status: 403, title: 'API key in quarantine', when: 'The key is restricted after a leak or an alarm.' },
  rate_limited: { status: 429, title: 'Too many requests', when: 'A rate limit is used up; try again after Retry-After seconds.' },
  quota_exceeded: { status: 429, title: 'Quota used up', when: 'The plan allows no more of the meter (meter, limit, resetsAt).' },
  not_fresh: { status: 503, title: 'Not fresh', when: 'The node cannot prove that its view is recent enough.' },
  unavailable: { status: 503, title: 'Unavailable', when: 'A part of the service is out; try again after Retry-After seconds.' },
  invalid_request: { status: 400, title: 'Invalid request', when: 'The request does not fit its schema (issues name the places).' },
  not_found: { status: 404, title: 'Not found', when: 'Nothing of that name is visible to the key.' },
  method_not_allowed: { status: 405, title: 'Method not allowed', when: 'The path exists, not with that method.' },
  invalid_state: { status: 409, title: 'Not possible in this state', when: 'The object is in a state that forbids the operation.' },
  already_exists: { status: 409, title: 'Already exists', when: 'Such an object exists (existing).' },
  payload_too_large: { status: 413, title: 'Body too large', when: 'The body exceeds the limit.' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type', when: 'The body is not application/json.' },
  idempotency_mismatch: { status: 422, title: 'Idempotency key used with another body', when: 'The Idempotency-Key was used for another request.' },
  headers_too_large: { status: 431, title: 'Headers too large', when: 'The header fields exceed the limit.' },
  internal: { status: 500, title: 'Internal error', when: 'A fault of ours; it is logged under the request id.' },
} as const satisfies Record<string, { status: number; title: string; when: string }>

export type ErrorCode = keyof typeof errorCodes
export const errorCodeNames = Object.keys(errorCodes) as readonly ErrorCode[] // keys of a literal
