/** Signs webhooks as the server does, for tests of what receives them. */
import { signed } from './verify-webhook.ts'
import type { WebhookEvents } from './events.generated.ts'
import type { WebhookEventType } from './webhook-event.ts'
import { hmacKeys } from './webhook-secret.ts'

/** An event to send. */
export interface NewWebhook<T extends string> {
  readonly type: T
  readonly data: T extends WebhookEventType ? WebhookEvents[T] : unknown
  /** Absent: one of its own. */
  readonly id?: string | undefined
}

/** A request that `verifyWebhook()` takes, and `fetch` as well. */
export interface SignedWebhook {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The request that a server with this secret sends; with several, signed by each, as while a secret is rotated.
 * @example
 * const { body, headers } = await signWebhook({ type: 'contact.deleted', data: { id: 'con_1', email: 'ada@example.com' } }, secret)
 * await fetch('http://127.0.0.1:3000/hooks', { method: 'POST', body, headers })
 */
export async function signWebhook<const T extends WebhookEventType | (string & {})>(
  { type, data, id = `evt_${crypto.randomUUID().replaceAll('-', '').slice(0, 26)}` }: NewWebhook<T>,
  secrets: string | readonly string[],
  // oxlint-disable-next-line letterlock/no-ambient-time -- where the clock comes in
  { now = Date.now() }: { readonly now?: number | undefined } = {},
): Promise<SignedWebhook> {
  const body = JSON.stringify({ type, timestamp: new Date(now).toISOString(), data })
  const sentAt = String(Math.floor(now / 1_000))
  const content = signed(id, sentAt, new TextEncoder().encode(body))
  const signatures = (await hmacKeys(secrets)).map(async (key) => `v1,${base64(await crypto.subtle.sign('HMAC', key, content))}`)
  return {
    body,
    headers: {
      'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': sentAt, 'webhook-signature': (await Promise.all(signatures)).join(' '),
    },
  }
}

/** A new secret of an endpoint, for tests. */
export function newWebhookSecret(): string {
  return `whsec_${base64(crypto.getRandomValues(new Uint8Array(32)).buffer)}`
}

function base64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
}
