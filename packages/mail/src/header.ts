import { encodeWord, foldLines } from 'nodemailer/lib/mime-funcs'
import { isSafeAddress, type MailAddress } from './address.ts'

/** Why a header was refused, and which one. */
export interface HeaderProblem {
  readonly name: string
  readonly message: string
}

/** CR, LF and NUL end or split a header line, whatever stands around them. */
const splitsHeader = /[\r\n\0]/
const printable = /^[\x20-\x7e]*$/
const fieldName = /^[A-Za-z][A-Za-z0-9-]{0,63}$/
const longestValue = 900
const mostHeaders = 50

const reserved = new Set([
  'from', 'to', 'cc', 'bcc', 'sender', 'reply-to', 'subject', 'date', 'message-id', 'mime-version',
  'return-path', 'received', 'delivered-to', 'dkim-signature', 'domainkey-signature',
  'authentication-results', 'received-spf', 'list-unsubscribe', 'list-unsubscribe-post',
])
const reservedPrefixes = ['content-', 'resent-', 'arc-', 'x-letterlock-']

/**
 * Finds the first thing wrong with a sender's own headers, or `undefined`.
 *
 * Names are letters, digits and `-`, at most 64; values at most 900 characters without CR, LF and NUL;
 * at most 50 headers. What Letterlock writes itself (`From`, `List-Unsubscribe`, `DKIM-Signature`, …) is refused.
 */
export function findHeaderProblem(headers: Readonly<Record<string, string>>): HeaderProblem | undefined {
  const entries = Object.entries(headers)
  if (entries.length > mostHeaders) return { name: '', message: `More than ${mostHeaders} headers.` }
  const seen = new Set<string>()
  for (const [name, value] of entries) {
    const message = problemOf(name, value) ?? (seen.has(name.toLowerCase()) ? 'The header is given twice.' : undefined)
    if (message !== undefined) return { name, message }
    seen.add(name.toLowerCase())
  }
  return undefined
}

/** Would this text end or split a header line (CR, LF, NUL), or is it not valid Unicode? */
export function isUnsafeInHeader(text: string): boolean {
  return splitsHeader.test(text) || !text.isWellFormed()
}

/** One unstructured header line without its line end: plain where possible, else RFC 2047 words in UTF-8. */
export function writeTextHeader(name: string, value: string): string {
  const plain = printable.test(value) && !value.includes('=?') && !/ {2}|^ | $|[^ ]{70}/.test(value)
  return foldLines(`${name}: ${plain ? value : encodeWord(value, 'B', 52)}`, 76)
}

/** One custom header line: its ASCII value stays byte for byte, so that structured values keep working. */
export function writeCustomHeader(name: string, value: string): string {
  if (!printable.test(value) || value.includes('=?')) return writeTextHeader(name, value)
  return `${name}: ${value}`
}

/** One address header line, a mailbox per line after the first fold. */
export function writeAddressHeader(name: string, addresses: readonly MailAddress[]): string {
  return `${name}: ${addresses.map(writeAddress).join(',\r\n ')}`
}

/** Finds out whether an address or its name could split a header. */
export function isUnsafeMailbox(mailbox: MailAddress): boolean {
  return !isSafeAddress(mailbox.address) || isUnsafeInHeader(mailbox.name ?? '')
}

function problemOf(name: string, value: string): string | undefined {
  const key = name.toLowerCase()
  if (!fieldName.test(name)) return 'A header name has letters, digits and hyphens, at most 64.'
  if (reserved.has(key) || reservedPrefixes.some((prefix) => key.startsWith(prefix))) return 'Letterlock writes this header itself.'
  if (isUnsafeInHeader(value)) return 'CR, LF, NUL and lone surrogates are not allowed in a header.'
  if (value.length > longestValue) return `A header value has at most ${longestValue} characters.`
  return undefined
}

function writeAddress({ address, name }: MailAddress): string {
  if (name === undefined || name === '') return address
  if (printable.test(name) && !name.includes('=?') && name.length <= 60 && !/ {2}|^ | $/.test(name)) {
    return `"${name.replace(/["\\]/g, '\\$&')}" <${address}>`
  }
  return `${encodeWord(name, 'B', 52).replaceAll(' ', '\r\n ')}\r\n <${address}>`
}
