import { z } from 'zod'
import { line, mailbox, text, timestamp } from '../bounded-text.ts'
import { idSchema } from '../ids.ts'
import { operation, page, pageQuery } from '../operation.ts'

export const campaignStatus = z.enum(['draft', 'scheduled', 'sending', 'paused', 'sent', 'cancelled', 'failed'])
export const pauseReason = z.enum([
  'user', 'error_rate', 'bounce_rate', 'complaint_rate', 'quota', 'throttled', 'domain_unverified',
])
export const recipientState = z.enum(['queued', 'sending', 'sent', 'failed', 'suppressed', 'unknown'])

const content = {
  name: line(200),
  subject: line(998),
  html: text(524_288),
  text: text(524_288),
  from: mailbox,
  replyTo: mailbox,
  listIds: z.array(idSchema('list')).max(100),
  segmentIds: z.array(idSchema('segment')).max(100),
  excludeListIds: z.array(idSchema('list')).max(100),
}

export const campaign = z
  .object({
    id: idSchema('campaign'),
    name: z.string(),
    subject: z.string(),
    html: z.string(),
    text: z.string().optional(),
    from: z.string(),
    replyTo: z.string().optional(),
    listIds: z.array(idSchema('list')),
    segmentIds: z.array(idSchema('segment')),
    excludeListIds: z.array(idSchema('list')),
    status: campaignStatus,
    pauseReason: pauseReason.optional(),
    scheduledAt: timestamp.optional(),
    startedAt: timestamp.optional(),
    finishedAt: timestamp.optional(),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Campaign' })

/** What a list shows of a campaign. */
export const campaignSummary = campaign.omit({ html: true, text: true }).meta({ id: 'CampaignSummary' })

const newCampaign = z.strictObject({
  ...content,
  text: content.text.optional(),
  replyTo: content.replyTo.optional(),
  listIds: content.listIds.optional(),
  segmentIds: content.segmentIds.optional(),
  excludeListIds: content.excludeListIds.optional(),
})
const campaignChanges = z.strictObject(content).partial().extend({
  text: content.text.nullable().optional(),
  replyTo: content.replyTo.nullable().optional(),
})

const count = z.number().int()
export const campaignStats = z
  .object({
    audience: count, queued: count, sending: count, sent: count, delivered: count, failed: count, suppressed: count,
    unknown: count, bounced: count, complained: count, unsubscribed: count, opened: count, clicked: count,
  })
  .meta({
    id: 'CampaignStats',
    description: 'queued + sending + sent + failed + suppressed + unknown = audience. The others are events of sent messages.',
  })

export const recipient = z
  .object({
    contactId: idSchema('contact'),
    email: z.string(),
    state: recipientState,
    reason: z.string().optional(),
    attempts: z.number().int(),
    messageId: z.string().optional(),
    sentAt: timestamp.optional(),
  })
  .meta({ id: 'Recipient' })

const params = z.strictObject({ id: idSchema('campaign') })

export const campaignOperations = {
  'campaigns.create': operation({
    method: 'POST', path: '/campaigns', scope: 'campaigns:write', body: newCampaign,
    answers: { 201: campaign }, errors: ['not_found'], summary: 'Create a draft of a campaign.',
  }),
  'campaigns.list': operation({
    method: 'GET', path: '/campaigns', scope: 'campaigns:read',
    query: z.strictObject({ ...pageQuery, status: campaignStatus.optional() }),
    answers: { 200: page(campaignSummary) }, errors: [], summary: 'List campaigns, newest first, without `html` and `text`.',
  }),
  'campaigns.get': operation({
    method: 'GET', path: '/campaigns/{id}', scope: 'campaigns:read', params,
    answers: { 200: campaign }, errors: ['not_found'], summary: 'Get a campaign.',
  }),
  'campaigns.update': operation({
    method: 'PATCH', path: '/campaigns/{id}', scope: 'campaigns:write', params, body: campaignChanges,
    answers: { 200: campaign }, errors: ['not_found', 'invalid_state'],
    summary: 'Change a draft. Absent fields stay; null removes.',
  }),
  'campaigns.delete': operation({
    method: 'DELETE', path: '/campaigns/{id}', scope: 'campaigns:write', params,
    answers: { 204: null }, errors: ['not_found', 'invalid_state'], summary: 'Delete a draft.',
  }),
  'campaigns.send': operation({
    method: 'POST', path: '/campaigns/{id}/send', scope: 'campaigns:send', params, body: z.strictObject({}).optional(),
    answers: { 202: campaign }, errors: ['not_found', 'invalid_state', 'quota_exceeded'],
    summary: 'Send the campaign now: the audience is frozen, then mailed. A paused campaign goes on.',
  }),
  'campaigns.stats': operation({
    method: 'GET', path: '/campaigns/{id}/stats', scope: 'campaigns:read', params,
    answers: { 200: campaignStats }, errors: ['not_found'], summary: 'Count recipients by state, and what they did.',
  }),
  'campaigns.recipients': operation({
    method: 'GET', path: '/campaigns/{id}/recipients', scope: 'campaigns:read', params,
    query: z.strictObject({ ...pageQuery, state: recipientState.optional() }),
    answers: { 200: page(recipient) }, errors: ['not_found'], summary: 'List the frozen audience, each with his state.',
  }),
}
