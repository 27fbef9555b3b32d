/**
 * Strings that can be stored and put into headers: bounded, well-formed, without NUL. A character is a Unicode code
 * point, as zod 4, JSON Schema and PostgreSQL count.
 */
import { z } from 'zod'

/** Text of at most `max` characters, any line breaks. */
export function text(max: number) {
  return z.string().max(max).check(wellFormed)
}

/** Text of 1 to `max` characters on one line: no control characters, so it is safe in a header. */
export function line(max: number) {
  return z.string().min(1).max(max).check(wellFormed, noControl)
}

/** An e-mail address of at most 254 characters; its parts are examined by the mail package. */
export const emailAddress = z
  .string()
  .max(254)
  .check(wellFormed, noControl)
  .regex(/^[^\s@<>"(),:;[\]\\]{1,64}@[^\s@<>"(),:;[\]\\]+$/, 'expected an e-mail address')
  .meta({ format: 'email', example: 'ada@example.com' })

/** `ada@example.com` or `Ada Lovelace <ada@example.com>`. */
export const mailbox = line(320)
  .regex(/^([^<>]*<[^\s<>@]{1,64}@[^\s<>@]+>|[^\s<>@]{1,64}@[^\s<>@]+)$/, 'expected an address or "Name <address>"')
  .meta({ example: 'Acme <hello@acme.example>' })

/** RFC 3339 in UTC with milliseconds. */
export const timestamp = z.string().meta({ format: 'date-time', example: '2026-11-22T09:30:00.000Z' })

/** A time that a caller names: RFC 3339 with any offset, in the years 0 to 9999 of UTC. */
export const moment = z.iso
  .datetime({ offset: true })
  .max(40)
  .refine((text) => inFourDigitYears(new Date(text)), 'expected a time before the year 10000')

function inFourDigitYears(time: Date) {
  const year = time.getUTCFullYear()
  return year >= 0 && year <= 9_999
}

function wellFormed(payload: z.core.ParsePayload<string>) {
  if (payload.value.includes('\0')) payload.issues.push(issue(payload.value, 'must not contain a NUL character'))
  if (!payload.value.isWellFormed()) payload.issues.push(issue(payload.value, 'must not contain an unpaired surrogate'))
}

function noControl(payload: z.core.ParsePayload<string>) {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0001-\u001f\u007f\u0085\u2028\u2029]/.test(payload.value)) {
    payload.issues.push(issue(payload.value, 'must be one line without control characters'))
  }
}

function issue(input: string, message: string) {
  return { code: 'custom' as const, input, message }
}
