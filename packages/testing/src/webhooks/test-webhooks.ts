import { type EventType, events } from '@letterlock/contract'
import { newWebhookSecret, type SignedWebhook, signWebhook, type WebhookEvents } from 'letterlock/webhooks'
import type { z } from 'zod'

/** Notes that something happened. */
export type EmitEvent = <T extends EventType>(type: T, data: EventData<T>) => void

type EventData<T extends EventType> = z.output<(typeof events)[T]>

/** Where webhooks go: an address, or a function of the program under test. */
export type WebhookReceiver = string | ((request: Request) => Response | Promise<Response>)

export interface NewEndpoint {
  readonly receiver: WebhookReceiver
  /** Which events it gets; all unless given. */
  readonly events?: readonly EventType[]
  /** With several every webhook is signed by each, as while a secret is rotated; a new one unless given. */
  readonly secrets?: readonly string[]
}

/** A place that gets webhooks. */
export interface TestEndpoint {
  /** Verifies what comes: `verifyWebhook(request, endpoint.secrets)`. */
  readonly secrets: readonly string[]
  /** What was sent, in order, and what was answered. */
  readonly deliveries: readonly Delivery[]
}

export interface Delivery extends SignedWebhook {
  readonly type: EventType
  /** Of the last attempt; null when no answer came. */
  readonly status: number | null
  readonly attempts: number
}

/** The webhooks of a test server. */
export interface TestWebhooks {
  readonly add: (endpoint: NewEndpoint) => TestEndpoint
  /** Sends an event that did not happen here, such as `email.clicked`; answers how it was received. */
  readonly send: <T extends EventType>(type: T, data: WebhookEvents[T]) => Promise<void>
}

/** The webhooks, and what happened that nobody was told of yet. */
export interface WebhookQueue extends TestWebhooks {
  readonly emit: EmitEvent
  /** Sends all that waits; what was not taken (2xx) waits for the next time. */
  readonly deliver: () => Promise<void>
}

type Waiting = { readonly endpoint: Endpoint; readonly type: EventType; readonly data: unknown; readonly at: Date; id?: string; attempts: number }
type Endpoint = Required<NewEndpoint> & { readonly deliveries: Delivery[] }

/** Five attempts, then it is given up; each gets the time and signature of its own moment. */
const mostAttempts = 5
const longestAnswerMs = 10_000

export function webhookQueue(clock: () => Date, fetch: typeof globalThis.fetch = globalThis.fetch): WebhookQueue {
  const endpoints: Endpoint[] = []
  let waiting: Waiting[] = []
  return { add, send, emit, deliver }

  function add({ receiver, events: wanted = Object.keys(events) as EventType[], secrets = [newWebhookSecret()] }: NewEndpoint): TestEndpoint {
    const endpoint = { receiver, events: wanted, secrets, deliveries: [] }
    endpoints.push(endpoint)
    return endpoint
  }

  function emit<T extends EventType>(type: T, data: EventData<T>): void {
    const now = clock()
    for (const endpoint of endpoints) if (endpoint.events.includes(type)) waiting.push({ endpoint, type, data, at: now, attempts: 0 })
  }

  async function send<T extends EventType>(type: T, data: WebhookEvents[T]): Promise<void> {
    const parsed = events[type].safeParse(data)
    if (!parsed.success) throw new TypeError(`The data of ${type} does not fit: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`)
    emit(type, parsed.data as EventData<T>) // it was parsed by the schema of this event
    await deliver()
  }

  async function deliver(): Promise<void> {
    const due = waiting
    waiting = []
    for (const each of due) {
      const delivery = await attempt(each)
      const { deliveries } = each.endpoint
      const before = deliveries.findIndex(({ headers }) => headers['webhook-id'] === each.id)
      if (before >= 0) deliveries[before] = delivery
      else deliveries.push(delivery)
      const isTaken = delivery.status !== null && delivery.status >= 200 && delivery.status < 300
      if (!isTaken && each.attempts < mostAttempts) waiting.push(each)
    }
  }

  async function attempt(each: Waiting): Promise<Delivery> {
    const { endpoint: { receiver, secrets }, type, data } = each
    const signed = await signWebhook({ type, data, ...(each.id && { id: each.id }) } as Parameters<typeof signWebhook>[0], secrets, { now: clock().getTime() })
    each.id ??= signed.headers['webhook-id'] as string // it is signed with one
    each.attempts += 1
    const init = { method: 'POST', body: signed.body, headers: signed.headers }
    try {
      const response = typeof receiver === 'string' ? await fetch(receiver, { ...init, signal: AbortSignal.timeout(longestAnswerMs) }) : await receiver(new Request('http://webhooks.test/', init))
      await response.body?.cancel()
      return { ...signed, type, status: response.status, attempts: each.attempts }
    } catch {
      return { ...signed, type, status: null, attempts: each.attempts }
    }
  }
}
