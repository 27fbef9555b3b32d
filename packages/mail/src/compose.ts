import type { MailAddress } from './address.ts'
import { encodeBody } from './body.ts'
import {
  findHeaderProblem, isUnsafeInHeader, isUnsafeMailbox, writeAddressHeader, writeCustomHeader, writeTextHeader,
} from './header.ts'

/** Everything one message is made of. Addresses come from `parseAddress`. */
export interface MessageInput {
  readonly from: MailAddress
  readonly to: readonly MailAddress[]
  readonly replyTo?: MailAddress
  readonly subject: string
  readonly text: string
  readonly html?: string
  /** `<…@…>`, see `deterministicMessageId`. */
  readonly messageId: string
  readonly date: Date
  /** The sender's own headers; see `findHeaderProblem` for what is refused. */
  readonly headers?: Readonly<Record<string, string>>
  /** Adds `List-Unsubscribe` and `List-Unsubscribe-Post` (RFC 8058). */
  readonly unsubscribe?: { readonly url: string }
  /** The address bounces go to; `from` when absent. */
  readonly returnPath?: string
}

/** A finished message: what the SMTP envelope says and the bytes between DATA and the final dot. */
export interface ComposedMessage {
  readonly envelope: { readonly from: string; readonly to: readonly string[] }
  readonly messageId: string
  readonly raw: Buffer
}

export type ComposeResult =
  | { readonly ok: true; readonly message: ComposedMessage }
  | { readonly ok: false; readonly reason: string }

const mostRecipients = 50
const messageIdShape = /^<[A-Za-z0-9._-]{1,64}@[A-Za-z0-9.-]{1,253}>$/
const listUrlShape = /^https?:\/\/[\x21-\x3b\x3d\x3f-\x7e]{1,850}$/

/**
 * Writes one message as MIME: `multipart/alternative` of text and HTML, or `text/plain` alone.
 *
 * Synchronous and without streams, because a campaign calls it once per recipient. Nothing that holds CR,
 * LF or NUL gets into a header: the answer is then `{ ok: false, reason }` and the reason names the field.
 */
export function composeMessage(input: MessageInput): ComposeResult {
  const reason = findProblem(input)
  if (reason !== undefined) return { ok: false, reason }
  const raw = Buffer.from([...headerLines(input), bodyOf(input)].join('\r\n'), 'latin1')
  const envelope = { from: input.returnPath ?? input.from.address, to: input.to.map((each) => each.address) }
  return { ok: true, message: { envelope, messageId: input.messageId, raw } }
}

function findProblem(input: MessageInput): string | undefined {
  if (isUnsafeMailbox(input.from)) return 'from: not a safe address.'
  if (input.to.length === 0 || input.to.length > mostRecipients) return `to: 1 to ${mostRecipients} recipients.`
  if (input.to.some(isUnsafeMailbox)) return 'to: not a safe address.'
  if (input.replyTo !== undefined && isUnsafeMailbox(input.replyTo)) return 'replyTo: not a safe address.'
  if (input.returnPath !== undefined && isUnsafeMailbox({ address: input.returnPath })) return 'returnPath: not a safe address.'
  if (isUnsafeInHeader(input.subject)) return 'subject: CR, LF, NUL and lone surrogates are not allowed.'
  if (!messageIdShape.test(input.messageId)) return 'messageId: not of the form <id@domain>.'
  if (input.unsubscribe !== undefined && !listUrlShape.test(input.unsubscribe.url)) return 'unsubscribe: not a URL of at most 850 ASCII characters.'
  const problem = input.headers === undefined ? undefined : findHeaderProblem(input.headers)
  return problem === undefined ? undefined : `headers.${problem.name}: ${problem.message}`
}

function headerLines(input: MessageInput): string[] {
  const lines = [writeAddressHeader('From', [input.from]), writeAddressHeader('To', input.to)]
  if (input.replyTo !== undefined) lines.push(writeAddressHeader('Reply-To', [input.replyTo]))
  lines.push(
    writeTextHeader('Subject', input.subject),
    `Date: ${input.date.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: ${input.messageId}`,
  )
  if (input.unsubscribe !== undefined) {
    // On one line each: relays that fold inside the URL broke DKIM signatures (nodemailer#1654).
    lines.push(`List-Unsubscribe: <${input.unsubscribe.url}>`, 'List-Unsubscribe-Post: List-Unsubscribe=One-Click')
  }
  for (const [name, value] of Object.entries(input.headers ?? {})) lines.push(writeCustomHeader(name, value))
  lines.push('MIME-Version: 1.0')
  return lines
}

function bodyOf(input: MessageInput): string {
  if (input.html === undefined) return part('text/plain', input.text)
  const boundary = boundaryFor(input)
  return [
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    part('text/plain', input.text),
    `--${boundary}`,
    part('text/html', input.html),
    `--${boundary}--`,
    '',
  ].join('\r\n')
}

function part(type: string, content: string): string {
  const body = encodeBody(content)
  return `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${body.encoding}\r\n\r\n${body.content}`
}

/** `=_` cannot occur in quoted-printable, and the loop keeps it out of plain bodies. */
function boundaryFor(input: MessageInput): string {
  let boundary = `=_ll_${input.messageId.slice(1, input.messageId.indexOf('@')).slice(0, 40)}`
  while (input.text.includes(boundary) || input.html?.includes(boundary)) boundary += 'x'
  return boundary
}
