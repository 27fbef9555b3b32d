import { z } from 'zod'
import { idSchema } from '../ids.ts'
import { campaignSummary } from '../operations/campaigns.ts'
import { contact } from '../operations/contacts.ts'

const delivery = z.object({
  emailId: idSchema('email').optional(),
  campaignId: idSchema('campaign').optional(),
  contactId: idSchema('contact').optional(),
  to: z.string(),
  messageId: z.string().optional(),
}).meta({ id: 'Delivery', description: 'A message to somebody: of a campaign to a contact, or sent by `emails.send`.' })

/** Events of contacts, campaigns and messages; each happens in one environment. */
export const productEvents = {
  'contact.created': contact,
  'contact.updated': contact,
  'contact.deleted': contact.pick({ id: true, email: true }),
  'campaign.scheduled': campaignSummary,
  'campaign.sending': campaignSummary,
  'campaign.paused': campaignSummary,
  'campaign.sent': campaignSummary,
  'campaign.cancelled': campaignSummary,
  'campaign.failed': campaignSummary,
  'email.delivered': delivery,
  'email.bounced': delivery.extend({ bounce: z.enum(['hard', 'soft']), reason: z.string() }),
  'email.complained': delivery,
  'email.opened': delivery,
  'email.clicked': delivery.extend({ url: z.string() }),
  'email.unsubscribed': delivery.extend({ listIds: z.array(idSchema('list')) }),
  'quota.threshold': z.object({
    meter: z.string().meta({ example: 'emails.sent' }),
    month: z.string().meta({ example: '2026-11' }),
    percent: z.number(), used: z.number(), quota: z.number(), soft: z.boolean(),
  }),
  'spend.threshold': z.object({
    month: z.string().meta({ example: '2026-11' }),
    percent: z.number(),
    spent: z.number().meta({ description: 'In minor units of the currency, as the cap.' }),
    cap: z.number(),
    currency: z.string().meta({ example: 'EUR' }),
  }),
}
