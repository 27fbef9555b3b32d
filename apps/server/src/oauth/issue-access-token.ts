import { isProductScope, nearestName } from '@letterlock/contract'
import { accessTokens, type Db } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import { digestKey, type Peppers } from '@letterlock/keys/digest'
import { accessTokenFormat, accessTokenIdOf } from '@letterlock/verifier'
import { badRequest, type OAuthRefusal } from './oauth-answer.ts'
import type { Client } from './prove-client.ts'
import type { Form } from './read-form.ts'

/** What is answered to whoever exchanged a key: RFC 6749 section 5.1. */
export interface TokenAnswer {
  readonly access_token: string
  readonly token_type: 'Bearer'
  /** Seconds. */
  readonly expires_in: number
  readonly scope: string
}

export interface IssueTokenDeps {
  readonly db: Db
  readonly keyFormat: Pick<KeyFormat, 'prefix'>
  readonly peppers: Peppers
  readonly clock: () => Date
}

/** A token for a part of what the key may, or for all of it; it ends with the key and with the secret that was exchanged. */
export async function issueAccessToken(deps: IssueTokenDeps, client: Client, form: Form): Promise<TokenAnswer | OAuthRefusal> {
  const now = deps.clock()
  const { record, keyId, secretVersion } = client
  const format = accessTokenFormat(deps.keyFormat.prefix)
  if (!format) return { error: 'unauthorized_client', description: 'The key prefix of this installation is too long for access tokens.' }
  const scopes = scopesOf(form.get('scope'), record.scopes)
  if ('error' in scopes) return scopes
  const lifeSeconds = lifetimeOf(form.get('expires_in'))
  if (lifeSeconds === null) return badRequest('expires_in is a whole number of seconds, 60 to 3600.')
  const expiresAt = new Date(Math.min(now.getTime() + lifeSeconds * 1_000, record.expiresAt?.getTime() ?? Infinity))
  const issued = format.issue({ mode: record.mode, now: now.getTime() })
  const { version: pepperVersion, digest } = digestKey(issued.token, deps.peppers[0])
  const stored = { id: accessTokenIdOf(issued), secretVersion, digest, pepperVersion, scopes, expiresAt, now }
  await accessTokens.insertAccessToken(deps.db, keyId, stored)
  const expiresIn = Math.floor((expiresAt.getTime() - now.getTime()) / 1_000)
  return { access_token: issued.token, token_type: 'Bearer', expires_in: expiresIn, scope: scopes.join(' ') }
}

/** Those that are asked for, each of which the key must have; all that it has when none is. */
function scopesOf(asked: string | undefined, held: readonly string[]): readonly string[] | OAuthRefusal {
  if (asked === undefined) return held
  const scopes = [...new Set(asked.split(' ').filter((scope) => scope !== ''))]
  const missing = scopes.find((scope) => !held.includes(scope))
  if (missing === undefined) return scopes
  const shown = missing.slice(0, 100).replaceAll(/[^\x21\x23-\x5b\x5d-\x7e]/g, '?') // as a description may say it
  const nearest = isProductScope(missing) ? null : nearestName(missing, held)
  return { error: 'invalid_scope', description: `The key does not have ${shown}.${nearest ? ` Did you mean ${nearest}?` : ''}` }
}

function lifetimeOf(text: string | undefined): number | null {
  if (text === undefined) return 900
  const seconds = /^\d{2,4}$/.test(text) ? Number(text) : 0
  return seconds >= 60 && seconds <= 3_600 ? seconds : null
}
