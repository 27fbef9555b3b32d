import { domainToASCII } from 'node:url'

/** A checked mailbox: the address with an ASCII domain, and the name people see. */
export interface MailAddress {
  readonly address: string
  readonly name?: string
}

/** Why an address was refused. */
export type AddressProblem =
  | 'empty'
  | 'too_long'
  | 'control_character'
  | 'not_an_address'
  | 'local_part_not_supported'
  | 'invalid_domain'
  | 'invalid_name'

export type NormaliseEmailResult =
  | { readonly ok: true; readonly email: string; readonly key: string }
  | { readonly ok: false; readonly reason: AddressProblem }

export type ParseAddressResult =
  | { readonly ok: true; readonly address: string; readonly key: string; readonly name?: string }
  | { readonly ok: false; readonly reason: AddressProblem }

const longestLocalPart = 64
const longestAddress = 254
const longestName = 200
// A domain in Unicode may be longer than its 253 ASCII characters allow; anything past this is refused unread.
const longestInput = 1_000

const forbidden = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
const dotAtom = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const unicodeDomain = /^[\p{L}\p{M}\p{N}.-]+$/u
const asciiDomain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/

/**
 * Checks one bare e-mail address and makes the two forms the product needs.
 *
 * `email` keeps the local part as written and has an ASCII domain (IDNA), so it can go to any SMTP server.
 * `key` is `email` in lower case: the identity for uniqueness and suppression. Local parts are ASCII
 * dot-atoms of RFC 5321 §4.1.2; quoted and internationalised local parts are refused, as are domains
 * without a dot and address literals. At most 64 characters before the `@` and 254 in all.
 */
export function normaliseEmail(email: string): NormaliseEmailResult {
  if (email.length > longestInput) return refuse('too_long')
  if (forbidden.test(email) || !email.isWellFormed()) return refuse('control_character')
  const trimmed = email.trim()
  if (trimmed === '') return refuse('empty')
  const at = trimmed.lastIndexOf('@')
  if (at < 1 || at === trimmed.length - 1) return refuse('not_an_address')
  const local = trimmed.slice(0, at)
  if (local.length > longestLocalPart) return refuse('too_long')
  if (!dotAtom.test(local)) return refuse('local_part_not_supported')
  const domain = toAsciiDomain(trimmed.slice(at + 1))
  if (domain === undefined) return refuse('invalid_domain')
  const address = `${local}@${domain}`
  if (address.length > longestAddress) return refuse('too_long')
  return { ok: true, email: address, key: address.toLowerCase() }
}

/**
 * Reads `ada@example.com`, `Ada <ada@example.com>` or `"Lovelace, Ada" <ada@example.com>`.
 *
 * The name is at most 200 characters; control characters, line breaks and lone surrogates are refused
 * anywhere, so that nothing read here can end a header line. `key` is that of {@link normaliseEmail}.
 */
export function parseAddress(text: string): ParseAddressResult {
  if (text.length > longestInput) return refuse('too_long')
  if (forbidden.test(text) || !text.isWellFormed()) return refuse('control_character')
  const trimmed = text.trim()
  if (!trimmed.endsWith('>')) return withName(trimmed, '')
  const open = trimmed.lastIndexOf('<')
  if (open === -1) return refuse('not_an_address')
  const name = readName(trimmed.slice(0, open).trim())
  if (name === undefined) return refuse('invalid_name')
  return withName(trimmed.slice(open + 1, -1), name)
}

/** The ASCII domain of a checked address, in lower case. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase()
}

/** Is this the exact form {@link normaliseEmail} makes? The last guard before a header is written. */
export function isSafeAddress(address: string): boolean {
  const checked = normaliseEmail(address)
  return checked.ok && checked.email === address
}

function withName(email: string, name: string): ParseAddressResult {
  const checked = normaliseEmail(email)
  if (!checked.ok) return checked
  return { ok: true, address: checked.email, key: checked.key, ...(name === '' ? {} : { name }) }
}

function readName(text: string): string | undefined {
  const name = text.startsWith('"') ? unquote(text) : text
  if (name === undefined || name.length > longestName) return undefined
  return text.startsWith('"') || !/[<>"]/.test(name) ? name.trim() : undefined
}

function unquote(text: string): string | undefined {
  return /^"(?:[^"\\]|\\.)*"$/u.test(text) ? text.slice(1, -1).replace(/\\(.)/gu, '$1') : undefined
}

function toAsciiDomain(domain: string): string | undefined {
  if (!unicodeDomain.test(domain)) return undefined
  const ascii = domainToASCII(domain).toLowerCase()
  return ascii.length <= 253 && asciiDomain.test(ascii) ? ascii : undefined
}

function refuse(reason: AddressProblem): { readonly ok: false; readonly reason: AddressProblem } {
  return { ok: false, reason }
}
