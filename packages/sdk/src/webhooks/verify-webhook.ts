/** Verifies what a webhook endpoint was sent: Standard Webhooks 1.0, symmetric signatures (`v1`), WebCrypto alone. */
import { LetterlockError } from '../errors.ts'
import type { HeaderReader } from '../header-reader.ts'
import type { UnknownWebhookEvent, WebhookEvent } from './webhook-event.ts'
import { fromBase64, hmacKeys } from './webhook-secret.ts'

/** A request as it came, before anything parsed its body. */
export interface WebhookRequest {
  /** The text or bytes of the body, unchanged: `await request.text()`, `express.raw()`. */
  readonly body: string | Uint8Array
  /** `Headers`, or those of a request of Node. */
  readonly headers: HeaderReader | Readonly<Record<string, string | readonly string[] | undefined>>
}

export interface VerifyOptions {
  /** How far the clocks of both sides may differ, in seconds; default 300. An older delivery may be a replay. */
  readonly toleranceSeconds?: number | undefined
  /** Milliseconds since 1970; default the clock. */
  readonly now?: number | undefined
}

/**
 * The event, when one of the secrets signed it. Give the old and the new secret while one is rotated.
 * @throws LetterlockError `invalid_webhook_signature`; `stale_webhook`; `malformed_webhook` when a signed body is no event;
 * `malformed_webhook_secret`; `invalid_argument` for a body that was parsed already
 * @example
 * const event = await verifyWebhook({ body: await request.text(), headers: request.headers }, [secret])
 */
export async function verifyWebhook(
  { body, headers }: WebhookRequest,
  secrets: string | readonly string[],
  // oxlint-disable-next-line letterlock/no-ambient-time -- where the clock comes in
  { toleranceSeconds = 300, now = Date.now() }: VerifyOptions = {},
): Promise<WebhookEvent> {
  const keys = await hmacKeys(secrets)
  const bytes = bytesOf(body)
  const [id, sentAt, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headerOf(headers, name))
  if (!id || !sentAt || !signature) throw refused('webhook-id, webhook-timestamp and webhook-signature must each be there once')
  if (!/^\d{1,12}$/.test(sentAt)) throw refused('webhook-timestamp is not a number of seconds')
  if (!(await isSigned(signed(id, sentAt, bytes), signature, keys))) throw refused('none of the secrets made it')
  const ageSeconds = now / 1_000 - Number(sentAt)
  // So written that a tolerance which is no number lets nothing through.
  if (!(Math.abs(ageSeconds) <= toleranceSeconds)) throw stale(ageSeconds, toleranceSeconds)
  return eventOf(id, new TextDecoder().decode(bytes))
}

/** What is signed: the id, the time and the body, with dots between. */
export function signed(id: string, sentAt: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`${id}.${sentAt}.`)
  const all = new Uint8Array(head.length + body.length)
  all.set(head)
  all.set(body, head.length)
  return all
}

/** More than a rotation needs; the header comes from outside. */
const mostSignatures = 10

async function isSigned(content: Uint8Array<ArrayBuffer>, header: string, keys: readonly CryptoKey[]): Promise<boolean> {
  const signatures = header.split(' ').slice(0, mostSignatures).flatMap((each) => (each.startsWith('v1,') ? (fromBase64(each.slice(3)) ?? []) : []))
  for (const signature of signatures) {
    // `verify` compares in constant time.
    for (const key of keys) if (await crypto.subtle.verify('HMAC', key, signature, content)) return true
  }
  return false
}

function bytesOf(body: unknown): Uint8Array {
  if (typeof body === 'string') return new TextEncoder().encode(body)
  if (body instanceof Uint8Array) return body
  throw new LetterlockError('invalid_argument', 'The body of a webhook must be its text or bytes, as it came: what was parsed cannot be verified.')
}

function headerOf(headers: WebhookRequest['headers'], name: string): string | null {
  if (typeof headers.get === 'function') return (headers as HeaderReader).get(name)
  const values = Object.entries(headers).filter(([key]) => key.toLowerCase() === name).flatMap(([, value]) => value ?? [])
  return values.length === 1 ? (values[0] ?? null) : null
}

function eventOf(id: string, text: string): WebhookEvent {
  const { type, timestamp, data } = parsed(text)
  if (typeof type !== 'string' || typeof timestamp !== 'string' || data === undefined) {
    throw new LetterlockError('malformed_webhook', 'The webhook is signed, and is no event: `type`, `timestamp` or `data` is missing.')
  }
  return { id, type: type as UnknownWebhookEvent['type'], timestamp, data } // of known types, the server that signed it answers for `data`
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>
  } catch {
    return {}
  }
}

function refused(why: string): LetterlockError {
  return new LetterlockError('invalid_webhook_signature', `The webhook is not signed as it must be: ${why}.`)
}

function stale(ageSeconds: number, toleranceSeconds: number): LetterlockError {
  const when = ageSeconds > 0 ? `${Math.round(ageSeconds)} s ago` : `in ${Math.round(-ageSeconds)} s, by this clock`
  return new LetterlockError('stale_webhook', `The webhook was sent ${when}; it may differ by ${toleranceSeconds} s.`)
}
