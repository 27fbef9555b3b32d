/** The events that webhooks tell of. The server sends them, the client's types and dispatcher are made from them. */
import type { z } from 'zod'
import { keyEvents } from './events/key-events.ts'
import { productEvents } from './events/product-events.ts'

/** What each event has in its `data`, by its name: a noun of the glossary, a dot, what happened to it. */
export const events = { ...productEvents, ...keyEvents } satisfies Record<string, z.ZodType>

/** The name of an event, such as `email.bounced`. */
export type EventType = keyof typeof events

/** Every event, in the order of the table. */
export const eventTypes = Object.keys(events) as EventType[] // keys of a literal
