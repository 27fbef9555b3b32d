import { keyAnswer, usageAnswer, usageSpan } from '@letterlock/server/product-rooms'
import type { MemoryHandlers } from '../memory-handler.ts'
import { readUsage } from '../memory/meters.ts'
import { campaignHandlers } from './campaign-handlers.ts'
import { contactHandlers } from './contact-handlers.ts'
import { emailHandlers } from './email-handlers.ts'
import { listHandlers } from './list-handlers.ts'
import { propertyHandlers } from './property-handlers.ts'

/** What each operation of the table does. */
export const handlers: MemoryHandlers = {
  'key.get': ({ principal }) => ({ status: 200, body: keyAnswer(principal) }),

  'key.revoke': ({ principal: { keyId }, revokeKey }) => {
    const { revokedAt, revision } = revokeKey(keyId)
    return { status: 200, body: { id: keyId, revokedAt: revokedAt.toISOString(), revision } }
  },

  'usage.get': ({ environment, query, now }) => {
    const span = usageSpan(query, now)
    return 'failure' in span ? span : { status: 200, body: usageAnswer(span, readUsage(environment, { ...span, now })) }
  },

  ...contactHandlers,
  ...propertyHandlers,
  ...listHandlers,
  ...campaignHandlers,
  ...emailHandlers,
}
