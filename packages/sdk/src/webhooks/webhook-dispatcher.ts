/** Calls the function that was given for the type of an event. */
import { invalidArgument } from '../wire-request.ts'
import type { WebhookEvent, WebhookEventOf, WebhookEventType } from './webhook-event.ts'

/** Functions by the type of the event they are for. */
export type WebhookHandlers<R> = { readonly [T in WebhookEventType]?: (event: WebhookEventOf<T>) => R | Promise<R> }

/**
 * A function that hands each event to its handler, and every other, also those of a newer server, to `otherwise`: it
 * must be given, since what it answers decides whether such an event is sent again.
 * @throws LetterlockError `invalid_argument` without `otherwise`
 * @example
 * const dispatch = webhookDispatcher({ 'email.bounced': ({ data }) => block(data.to) }, ({ type }) => console.log(`not needed: ${type}`))
 * await dispatch(event)
 */
export function webhookDispatcher<R = void>(
  handlers: WebhookHandlers<R>, otherwise: (event: WebhookEvent) => R | Promise<R>,
): (event: WebhookEvent) => Promise<R> {
  if (typeof otherwise !== 'function') throw invalidArgument('webhookDispatcher() needs a function for all other events')
  return async (event) => {
    // A type is a text from outside: `constructor` is no handler.
    const handler = Object.hasOwn(handlers, event.type) ? handlers[event.type as WebhookEventType] : undefined
    return (handler as typeof otherwise | undefined ?? otherwise)(event) // the handler of this type
  }
}
