import { z } from 'zod'
import { line, moment, timestamp } from '../bounded-text.ts'
import { idSchema } from '../ids.ts'
import { operation } from '../operation.ts'

export const rateLimitSpec = z
  .object({ name: z.string(), limit: z.string().meta({ example: '100/10s' }), burst: z.number().int().optional() })
  .meta({ id: 'RateLimit' })

export const keySelf = z
  .object({
    id: idSchema('key'),
    name: z.string(),
    mode: z.enum(['live', 'test']),
    scopes: z.array(z.string()),
    workspaceId: idSchema('workspace'),
    environmentId: idSchema('environment'),
    expiresAt: timestamp.nullable(),
    limits: z.array(rateLimitSpec),
    createdAt: timestamp,
  })
  .meta({ id: 'Key' })

const revokedKey = z.object({ id: idSchema('key'), revokedAt: timestamp, revision: z.number().int() })

export const keyOperations = {
  'key.get': operation({
    method: 'GET', path: '/key', scope: null, errors: [], answers: { 200: keySelf },
    summary: 'The key that makes this request.',
  }),
  'key.revoke': operation({
    method: 'POST', path: '/key/revoke', scope: null, errors: [], answers: { 200: revokedKey },
    body: z.strictObject({ reason: line(200).optional() }).optional(),
    summary: 'Revoke the key that makes this request, for ever.',
  }),
}

const usageMeter = z.object({
  meter: z.string().meta({ example: 'emails.sent' }),
  used: z.number().int(),
  limit: z.number().int().optional(),
  resetsAt: timestamp.optional(),
})
const usagePoint = z.object({ day: z.iso.date(), meter: z.string(), used: z.number().int() })

export const usage = z
  .object({ from: timestamp, to: timestamp, data: z.array(usageMeter), series: z.array(usagePoint) })
  .meta({ id: 'Usage' })

export const usageOperations = {
  'usage.get': operation({
    method: 'GET', path: '/usage', scope: 'usage:read', errors: [], answers: { 200: usage },
    query: z.strictObject({ from: moment.optional(), to: moment.optional() }),
    summary: 'What this environment used, per meter and day; the running month unless asked otherwise.',
  }),
}
