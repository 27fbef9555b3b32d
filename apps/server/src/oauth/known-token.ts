import type { AccessTokenId } from '@letterlock/contract'
import type { KeyFormat } from '@letterlock/keys'
import { accessTokenFormat, accessTokenIdOf, type KeyRecord, type Verify } from '@letterlock/verifier'
import type { OAuthRefusal } from './oauth-answer.ts'

/** An access token that was proven. */
export interface KnownToken {
  readonly id: AccessTokenId
  /** Of its key, as far as the token goes. */
  readonly record: KeyRecord
  /** When it was issued. */
  readonly issuedAt: Date
  /** Whether it opens anything now, to someone who comes from the right address within the limits. */
  readonly isActive: boolean
}

/** What is known of a text: null of what is no token of ours, whatever the reason. Takes nothing from any limit. */
export async function findToken(
  { verify, keyFormat }: { readonly verify: Verify; readonly keyFormat: Pick<KeyFormat, 'prefix'> }, text: string,
): Promise<KnownToken | null | OAuthRefusal> {
  const parsed = accessTokenFormat(keyFormat.prefix)?.parse(text)
  if (!parsed?.ok) return null
  const outcome = await verify({ key: parsed.token, modes: ['live', 'test'], scope: null, ip: null, cost: 0 })
  if (outcome.code === 'unavailable' || outcome.code === 'not_fresh') {
    return { error: 'temporarily_unavailable', description: 'Tokens cannot be verified at the moment. Try again.', status: 503, retryAfterSeconds: 1 }
  }
  if (!('record' in outcome)) return null
  return { id: accessTokenIdOf(parsed), record: outcome.record, issuedAt: new Date(parsed.issuedAt), isActive: !ended.has(outcome.code) }
}

/** Outcomes that are the same for everyone, wherever he comes from. */
const ended: ReadonlySet<string> = new Set(['expired_key', 'revoked_key', 'disabled_key', 'retired_secret', 'workspace_suspended'])
