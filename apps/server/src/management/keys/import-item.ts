import { errorCodes, idSchema, type ErrorCode, line, productScopeNames } from '@letterlock/contract'
import { z } from 'zod'
import { type Failure, invalid } from '../../http/failure.ts'
import { issuesOf } from '../../http/parse-request.ts'
import { ipAllow, lifetime, rateLimits, scopeList } from './key-policy.ts'

/** SHA-256 as text: 64 hexadecimal digits, or base64 of either alphabet. Given back as lowercase hexadecimal digits. */
const sha256 = z.string().max(64).transform((text, context) => {
  if (/^[0-9A-Fa-f]{64}$/.test(text)) return text.toLowerCase()
  if (/^[0-9A-Za-z+/_-]{43}=?$/.test(text)) return Buffer.from(text, 'base64').toString('hex')
  context.addIssue('expected a SHA-256 as 64 hexadecimal digits or as base64')
  return z.NEVER
})

/** One key of an import. */
export const importItem = z.strictObject({
  /** Of the whole token, as it is sent. */
  sha256,
  name: line(200),
  scopes: scopeList(productScopeNames).default([]),
  roleId: idSchema('role').optional(),
  expiresIn: lifetime.optional(),
  ipAllow: ipAllow.default([]),
  rateLimits: rateLimits.default([]),
  purpose: line(500).optional(),
  /** What the platform that it comes from calls it. */
  externalId: line(200).optional(),
})

export type ImportItem = z.output<typeof importItem>

/** An item before it is looked at: a bad one fails by itself, not the whole call. Typed clients read it as an item. */
export const anyItem = z
  .custom<z.input<typeof importItem>>((value) => typeof value === 'object' && value !== null, 'expected an object')
  .meta({ readAs: importItem })

/** What became of one item. */
export const importResult = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('imported'), keyId: idSchema('key') }),
  /** The token was imported before, as that key of the same workspace and mode; it stays as it is. */
  z.strictObject({ status: z.literal('already_exists'), keyId: idSchema('key') }),
  z.strictObject({
    status: z.literal('failed'),
    error: z.strictObject({
      code: z.enum(Object.keys(errorCodes) as [ErrorCode]), // keys of a literal
      message: z.string(),
      issues: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
      requiredScope: z.string().optional(),
    }),
  }),
])

export type ImportResult = z.output<typeof importResult>

/** The item, or what is wrong with it. */
export function readItem(given: unknown): ImportItem | Failure {
  const parsed = importItem.safeParse(given)
  return parsed.success ? parsed.data : invalid(issuesOf(parsed.error))
}

/** @param redact cuts keys out of what is repeated of the request */
export function failedItem({ failure: code, detail, issues, members }: Failure, redact: (text: string) => string): ImportResult {
  const requiredScope = members?.['requiredScope']
  return {
    status: 'failed',
    error: {
      code,
      message: redact(detail),
      ...(issues && { issues: issues.map(({ path, message }) => ({ path: redact(path), message: redact(message) })) }),
      ...(typeof requiredScope === 'string' && { requiredScope }),
    },
  }
}
