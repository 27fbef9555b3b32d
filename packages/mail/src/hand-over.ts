import type { ComposedMessage } from './compose.ts'

/** A recipient the server refused while it took the message for others. */
export interface RejectedRecipient {
  readonly address: string
  readonly code: number
  readonly response: string
}

/** What became of an accepted message at the simulator, per recipient. */
export interface SimulatedEvent {
  readonly address: string
  readonly event: 'delivered' | 'bounced' | 'complained'
}

/**
 * What is known after a hand-over.
 *
 * - `accepted`: the server took the message; whom it refused is in `rejected`.
 * - `temporary`: the server answered 4xx and has not taken it. `throttled` asks to slow the whole transport.
 * - `permanent`: the server answered 5xx to this message; final.
 * - `unreachable`: no answer about this message and not a byte of it was sent. Safe to try again.
 * - `unknown`: the message was sent and the answer never came. It may have been taken: never send it again blindly.
 */
export type HandOverResult =
  | {
    readonly kind: 'accepted'
    readonly response: string
    readonly rejected: readonly RejectedRecipient[]
    readonly simulated?: readonly SimulatedEvent[]
  }
  | { readonly kind: 'temporary'; readonly code: number; readonly response: string; readonly throttled: boolean }
  | { readonly kind: 'permanent'; readonly code: number; readonly response: string }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string }

/** How one hand-over is done. */
export interface HandOverOptions {
  readonly signal?: AbortSignal
  /** 1 for the first time this message is handed over; the simulator's `deferred@` looks at it. */
  readonly attempt?: number
}

/** Gives one message to whoever carries it on. Never rejects for what a server or a network does. */
export type HandOver = (message: ComposedMessage, options?: HandOverOptions) => Promise<HandOverResult>

/** A way out for messages. */
export interface MailTransport {
  readonly handOver: HandOver
  /** Waits for what is under way, then lets go of connections; later hand-overs are `unreachable`. */
  readonly close: () => Promise<void>
}
