import { type EnvironmentId, type KeyId, newId, type RequestId } from '@letterlock/contract'
import { accessTokens, type Db } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import type { Peppers } from '@letterlock/keys/digest'
import type { Verify } from '@letterlock/verifier'
import { type Context, Hono } from 'hono'
import { claimedKeyId } from '../http/authenticate.ts'
import { peerOf } from '../http/peer-of.ts'
import type { Use } from '../jobs/usage-recorder.ts'
import { changeByHolder } from '../management/change-control-plane.ts'
import { type ClientKey, clientKeyOf } from './client-key.ts'
import { issueAccessToken } from './issue-access-token.ts'
import { findToken } from './known-token.ts'
import { type GrantType, grantTypes, metadataOf, tokenTypes } from './metadata.ts'
import { badRequest, isRefusal, oauthAnswer, type OAuthRefusal } from './oauth-answer.ts'
import { type Client, invalidClient, proveClient } from './prove-client.ts'
import { type Form, readForm } from './read-form.ts'

export interface OAuthDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly keyFormat: KeyFormat
  readonly peppers: Peppers
  readonly verify: Verify
  readonly clientIp: (peer: string, forwardedFor: string | null) => string
  readonly recordUse: (use: Use) => void
  /** Waits until this node has seen a revision of the control plane. */
  readonly settle: (revision: number) => Promise<void>
  /** Where clients reach this. */
  readonly publicUrl: () => string
}

/** A request and where it comes from. */
interface Asked {
  readonly c: Context
  readonly form: Form
  readonly requestId: RequestId
  readonly ip: string
  readonly startedAt: number
}

/**
 * OAuth 2.1 for machines: a key is exchanged for an access token that lives for minutes and may less, for programs that
 * must not hold the key. RFC 6749 (client credentials), 8693 (token exchange), 7009, 7662, 8414.
 */
export function oauthApp(deps: OAuthDeps): Hono {
  const app = new Hono()
  app.get('/.well-known/oauth-authorization-server', () => Response.json(metadataOf(deps.publicUrl()), { headers: { 'cache-control': 'max-age=3600' } }))
  app.post('/oauth/token', (c) => serve(deps, c, answerToken))
  app.post('/oauth/introspect', (c) => serve(deps, c, answerIntrospection))
  app.post('/oauth/revoke', (c) => serve(deps, c, answerRevocation))
  app.all('/oauth/:endpoint{token|introspect|revoke}', () => new Response(null, { status: 405, headers: { allow: 'POST' } }))
  return app
}

type Answer = (deps: OAuthDeps, asked: Asked) => Promise<object>

async function serve(deps: OAuthDeps, c: Context, answer: Answer): Promise<Response> {
  const requestId = newId('request')
  const startedAt = performance.now()
  const ip = deps.clientIp(peerOf(c), c.req.header('x-forwarded-for') ?? null)
  const form = await readForm(c.req.raw)
  return oauthAnswer('error' in form ? form : await answer(deps, { c, form, requestId, ip, startedAt }), requestId)
}

/** RFC 6749 section 4.4 and RFC 8693 section 2. */
async function answerToken(deps: OAuthDeps, asked: Asked): Promise<object> {
  const { c, form } = asked
  const grantType = form.get('grant_type')
  if (grantType === undefined) return badRequest('grant_type is missing.')
  if (!isGrantType(grantType)) return { error: 'unsupported_grant_type', description: `Use ${grantTypes.join(' or ')}.` } satisfies OAuthRefusal
  const isExchange = grantType !== 'client_credentials'
  const presented = isExchange ? subjectOf(form) : clientKeyOf(c.req.header('authorization'), form)
  if (presented === null) return invalidClient('Send the API key as client_secret, in the body or by Basic.')
  if (isRefusal(presented)) return presented
  const client = await prove(deps, asked, { presented, operationId: 'oauth.token' })
  if (isRefusal(client)) return client
  const answer = await issueAccessToken(deps, client, form)
  return isExchange && !isRefusal(answer) ? { ...answer, issued_token_type: tokenTypes.accessToken } : answer
}

/** The key of an exchange proves itself; nobody acts for it, and what comes out is for this server. */
function subjectOf(form: Form): ClientKey | OAuthRefusal {
  const key = form.get('subject_token')
  const type = form.get('subject_token_type')
  if (key === undefined || type === undefined) return badRequest('subject_token and subject_token_type are needed.')
  if (type !== tokenTypes.accessToken && type !== tokenTypes.apiKey) return badRequest(`subject_token_type must be ${tokenTypes.apiKey}.`)
  if (form.has('actor_token')) return badRequest('actor_token is not supported.')
  if ((form.get('requested_token_type') ?? tokenTypes.accessToken) !== tokenTypes.accessToken) return badRequest(`requested_token_type can only be ${tokenTypes.accessToken}.`)
  if (form.has('audience') || form.has('resource')) return { error: 'invalid_target', description: 'Tokens are for this server alone: leave audience and resource out.' }
  return { key, clientId: form.get('client_id') ?? null }
}

/** RFC 7662, for whoever has a key of the same environment. */
async function answerIntrospection(deps: OAuthDeps, asked: Asked): Promise<object> {
  const { c, form } = asked
  const token = form.get('token')
  if (token === undefined) return badRequest('token is missing.')
  const presented = clientKeyOf(c.req.header('authorization'), form)
  if (presented === null) return invalidClient('Send an API key as client_secret, in the body or by Basic.')
  if (isRefusal(presented)) return presented
  const client = await prove(deps, asked, { presented, operationId: 'oauth.introspect' })
  if (isRefusal(client)) return client
  const found = await findToken(deps, token)
  if (found !== null && isRefusal(found)) return found
  if (!found?.isActive || found.record.environmentId !== client.environmentId) return { active: false }
  const { id, record, issuedAt } = found
  return {
    active: true,
    scope: record.scopes.join(' '),
    client_id: record.keyId,
    sub: record.keyId,
    token_type: 'Bearer',
    iat: Math.floor(issuedAt.getTime() / 1_000),
    exp: Math.floor((record.expiresAt?.getTime() ?? 0) / 1_000), // a token has an end
    iss: deps.publicUrl(),
    jti: id,
  }
}

/** RFC 7009: whoever holds a token may end it; that it never was one is no error. In force everywhere within a second. */
async function answerRevocation(deps: OAuthDeps, { form, ip, requestId }: Asked): Promise<object> {
  const token = form.get('token')
  if (token === undefined) return badRequest('token is missing.')
  if (deps.keyFormat.parse(token).ok) {
    return { error: 'unsupported_token_type', description: 'This is a key, not an access token: revoke it with keys.revoke.' } satisfies OAuthRefusal
  }
  const found = await findToken(deps, token)
  if (found === null) return {}
  if (isRefusal(found)) return found
  const { id, record: { keyId, workspaceId } } = found
  if (workspaceId === null) return {} // root keys have no tokens
  const { result: isNew, revision } = await changeByHolder(deps, { actor: id, ip, requestId }, async (tx, now) => {
    if (!(await accessTokens.revokeAccessToken(tx, keyId, { id, now }))) return { result: false, changes: null }
    const audit = { chain: workspaceId, action: 'oauth.revoke', target: id, before: { keyId, status: 'active' }, after: { keyId, status: 'revoked' } }
    return { result: true, changes: [{ kind: 'key', id }], audit }
  })
  if (isNew) await deps.settle(revision)
  return {}
}

/** Proves the client, and records the request as a use of its key. */
async function prove(
  deps: OAuthDeps, { c, requestId, ip, startedAt }: Asked,
  { presented, operationId }: { readonly presented: ClientKey; readonly operationId: 'oauth.introspect' | 'oauth.token' },
): Promise<Client | OAuthRefusal> {
  const now = deps.clock()
  const { outcome, client } = await proveClient(deps, presented, ip)
  const proven = 'record' in outcome ? outcome : null
  deps.recordUse({
    requestId, operationId, ip, now,
    principal: proven && { keyId: proven.record.keyId as KeyId, environmentId: proven.record.environmentId as EnvironmentId }, // no root keys
    secretVersion: proven && proven.secretVersion,
    claimedKeyId: proven ? null : claimedKeyId(deps.keyFormat, presented.key),
    outcome: outcome.code,
    status: isRefusal(client) ? (client.status ?? 400) : 200,
    durationMs: performance.now() - startedAt,
    userAgent: c.req.header('user-agent') ?? null,
  })
  return client
}

function isGrantType(text: string): text is GrantType {
  return (grantTypes as readonly string[]).includes(text)
}
