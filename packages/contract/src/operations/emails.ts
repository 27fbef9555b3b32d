import { z } from 'zod'
import { line, mailbox, text, timestamp } from '../bounded-text.ts'
import { idSchema } from '../ids.ts'
import { operation } from '../operation.ts'

export const emailStatus = z.enum(['queued', 'sending', 'sent', 'failed', 'suppressed', 'unknown'])

const headerName = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'expected a header name')
const tag = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected letters, digits, _ or -')

const newEmail = z
  .strictObject({
    from: mailbox,
    to: z.union([mailbox, z.array(mailbox).min(1).max(50)]),
    subject: line(998),
    html: text(524_288).optional(),
    text: text(524_288).optional(),
    replyTo: mailbox.optional(),
    headers: z.record(headerName, line(998)).refine((h) => Object.keys(h).length <= 20, 'at most 20 headers').optional(),
    tags: z.array(tag).max(10).optional(),
  })
  .refine((email) => email.html !== undefined || email.text !== undefined, { path: ['html'], message: 'give html, text or both' })

export const email = z
  .object({
    id: idSchema('email'),
    from: z.string(),
    to: z.array(z.string()),
    subject: z.string(),
    replyTo: z.string().optional(),
    tags: z.array(z.string()),
    status: emailStatus,
    reason: z.string().optional(),
    attempts: z.number().int(),
    messageId: z.string().optional(),
    createdAt: timestamp,
    sentAt: timestamp.optional(),
  })
  .meta({ id: 'Email' })

export const emailOperations = {
  'emails.send': operation({
    method: 'POST', path: '/emails', scope: 'emails:send', body: newEmail,
    answers: { 202: z.object({ id: idSchema('email'), status: emailStatus }) }, errors: ['quota_exceeded'],
    summary: 'Send one e-mail to up to 50 recipients.',
  }),
  'emails.get': operation({
    method: 'GET', path: '/emails/{id}', scope: 'emails:read', params: z.strictObject({ id: idSchema('email') }),
    answers: { 200: email }, errors: ['not_found'], summary: 'Get an e-mail and what became of it.',
  }),
}

