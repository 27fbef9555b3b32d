/** What a webhook tells. */
import type { WebhookEvents } from './events.generated.ts'

/** The name of an event that this version knows, such as `email.bounced`. */
export type WebhookEventType = keyof WebhookEvents

/** An event that this version knows. */
export interface WebhookEventOf<T extends WebhookEventType> extends EventFrame {
  readonly type: T
  readonly data: WebhookEvents[T]
}

/** An event that a newer server tells of, or an endpoint's test. */
export interface UnknownWebhookEvent extends EventFrame {
  /** Any text but the known names. */
  readonly type: OtherType.Other
  readonly data: unknown
}

/** Whatever a webhook may tell: `switch (event.type)`, and its `default` is not to be forgotten. */
export type WebhookEvent = { [T in WebhookEventType]: WebhookEventOf<T> }[WebhookEventType] | UnknownWebhookEvent

interface EventFrame {
  /** The same at each delivery of the event: what was seen already need not be done again. */
  readonly id: string
  /** When it happened, RFC 3339. */
  readonly timestamp: string
}

/**
 * A string to the compiler that is none of the known names, so that `switch (event.type)` narrows; `string`, or a
 * branded one, would take every case for itself. It is a type alone: the value is whatever the server wrote.
 */
declare enum OtherType {
  Other = 'any other',
}
