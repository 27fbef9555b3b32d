/** Secrets of webhook endpoints, as Standard Webhooks has them: `whsec_` and base64 of 24 to 64 bytes. */
import { LetterlockError } from '../errors.ts'

const form = /^(?:whsec_)?([A-Za-z0-9+/]{32,88}={0,2})$/

/** The secrets as keys for HMAC-SHA-256. @throws LetterlockError `malformed_webhook_secret`; its message shows no secret */
export async function hmacKeys(secrets: string | readonly string[]): Promise<CryptoKey[]> {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets]
  if (list.length === 0 || list.length > mostSecrets) throw malformed(`there are ${list.length}, expected 1 to ${mostSecrets}`)
  return Promise.all(list.map((secret) => hmacKey(secret)))
}

const mostSecrets = 10

function hmacKey(secret: unknown): Promise<CryptoKey> {
  const [, base64] = (typeof secret === 'string' && form.exec(secret)) || []
  const bytes = base64 === undefined ? null : fromBase64(base64)
  if (!bytes || bytes.length < 24 || bytes.length > 64) throw malformed('expected `whsec_` and 24 to 64 bytes in base64')
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

/** Null for a text that is no base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}

function malformed(what: string): LetterlockError {
  return new LetterlockError('malformed_webhook_secret', `A secret of the webhook cannot be right: ${what}.`)
}
