import fc from 'fast-check'
import { simpleParser, type AddressObject, type ParsedMail } from 'mailparser'
import { describe, expect, test } from 'vitest'
import { parseAddress, type MailAddress } from './address.ts'
import { composeMessage, type ComposedMessage, type MessageInput } from './compose.ts'

const basic: MessageInput = {
  from: { address: 'news@acme.test', name: 'Acme' },
  to: [{ address: 'ada@example.com', name: 'Ada' }],
  subject: 'Hello',
  html: '<p>Hello</p>',
  text: 'Hello',
  messageId: '<abc123@acme.test>',
  date: new Date('2026-11-22T20:05:18Z'),
}

describe('composeMessage()', () => {
  test('writes multipart/alternative with a text and an HTML part', async () => {
    const mail = await parse(compose({ html: '<p>Grüße — 🎉</p>', text: 'Grüße — 🎉' }))
    expect(mail.headers.get('content-type')).toMatchObject({ value: 'multipart/alternative' })
    expect([mail.text, mail.html]).toEqual(['Grüße — 🎉', '<p>Grüße — 🎉</p>'])
    expect(mail.date?.toISOString()).toBe('2026-11-22T20:05:18.000Z')
  })

  test('writes text/plain alone without HTML', async () => {
    const { html: _, ...textOnly } = basic
    const result = composeMessage({ ...textOnly, text: 'one\ntwo' })
    const mail = await parse(result.ok ? result.message : never())
    expect(mail.headers.get('content-type')).toMatchObject({ value: 'text/plain' })
    expect(mail.text?.trimEnd()).toBe('one\ntwo')
  })

  test('keeps List-Unsubscribe on one line, with List-Unsubscribe-Post', () => {
    const url = `https://mail.acme.test/u/${'t'.repeat(800)}`
    const raw = compose({ unsubscribe: { url } }).raw.toString()
    expect(raw).toContain(`\r\nList-Unsubscribe: <${url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n`)
  })

  test.each(['', 'Hello', 'x'.repeat(500), `${'word '.repeat(150)}end`, 'Grüße '.repeat(60).trim(), 'a  b   c', '=?utf-8?Q?x?=', '🎉'.repeat(120), 'tab\there'])(
    'carries the subject %j through folding', async (subject) => {
      const message = compose({ subject })
      expect((await parse(message)).subject ?? '').toBe(subject)
      expect(longestHeaderLine(message)).toBeLessThanOrEqual(78)
    },
  )

  test('encodes display names and the recipients that were asked for', async () => {
    const to = ['Zoë 🎉 <zoe@example.com>', '"Lovelace, \\"A\\"" <ada@example.com>', 'bob@bücher.example'].map(address)
    const mail = await parse(compose({ to }))
    expect(mailboxes(mail.to)).toEqual([
      { name: 'Zoë 🎉', address: 'zoe@example.com' }, { name: 'Lovelace, "A"', address: 'ada@example.com' },
      { name: '', address: 'bob@bücher.example' }, // mailparser shows it in Unicode; the wire has ASCII
    ])
    expect(compose({ to }).envelope.to).toEqual(['zoe@example.com', 'ada@example.com', 'bob@xn--bcher-kva.example'])
  })

  test.each(['\r', '\n', '\0', '\r\n', '\ud800'])('refuses %j in each header value and address', (bad) => {
    const split = `x${bad}Bcc: eve@example.com`
    const refused: Partial<MessageInput>[] = [
      { subject: split }, { messageId: `<a${bad}@acme.test>` }, { unsubscribe: { url: `https://a.test/${bad}` } },
      { from: { address: `a${bad}@acme.test` } }, { from: { address: 'a@acme.test', name: split } },
      { to: [{ address: `a@acme.test${bad}` }] }, { to: [{ address: 'a@acme.test', name: split }] },
      { replyTo: { address: 'a@acme.test', name: split } }, { returnPath: `a${bad}@acme.test` },
      { headers: { 'X-Ref': split } }, { headers: { [`X-${bad}Ref`]: 'x' } },
    ]
    expect(refused.filter((part) => composeMessage({ ...basic, ...part }).ok)).toEqual([])
  })

  test.each(['From', 'bcc', 'Content-Type', 'DKIM-Signature', 'List-Unsubscribe', 'list-unsubscribe-post', 'X-Letterlock-Id', 'ARC-Seal', 'Resent-To', 'X:Y', 'X Y', '', 'Ünicode'])(
    'refuses the custom header %j', (name) => {
      expect(composeMessage({ ...basic, headers: { [name]: 'x' } }).ok).toBe(false)
    },
  )

  test('refuses a custom header that is given twice in another case', () => {
    expect(composeMessage({ ...basic, headers: { 'X-Ref': 'a', 'x-ref': 'b' } }).ok).toBe(false)
  })

  test('picks a boundary that the content does not contain', async () => {
    const text = 'before\n--=_ll_abc123\nContent-Type: text/html\n\nafter\n--=_ll_abc123x--'
    expect((await parse(compose({ text }))).text).toBe(text)
  })

  test('keeps the wire ASCII with CRLF line ends and lines under 1 000 characters', () => {
    const raw = compose({ html: `<p>${'long '.repeat(2_000)}</p>`, text: 'a\rb\nc\0d\u{10ffff}' }).raw.toString('latin1')
    expect(raw).toMatch(/^[\t\r\n\x20-\x7e]*$/)
    expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThan(1_000)
  })

  test('parses back to exactly the intended headers and recipients, whatever names and subjects hold', async () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 120 }), fc.string({ maxLength: 120 }), hostile)
    const mailbox = fc.record({ name: text, address: fc.emailAddress().filter((each) => parseAddress(each).ok) })
    await fc.assert(fc.asyncProperty(fc.record({ from: mailbox, to: fc.array(mailbox, { minLength: 1, maxLength: 3 }), subject: text, body: text, value: text }),
      async ({ from, to, subject, body, value }) => {
        const input = { ...basic, from, to, subject: subject.trim(), text: body, html: body, headers: { 'X-Ref': value.trim() } }
        const result = composeMessage(input)
        const inHeaders = [from.name, ...to.map((each) => each.name), input.subject, value.trim()]
        expect(result.ok).toBe(inHeaders.every((each) => !/[\r\n\0]/.test(each) && each.isWellFormed()))
        if (!result.ok) return
        const mail = await parse(result.message)
        expect(mail.headerLines.map((line) => line.key)).toEqual(
          ['from', 'to', 'subject', 'date', 'message-id', 'x-ref', 'mime-version', 'content-type'])
        expect(mailboxes(mail.to).map((each) => each.address)).toEqual(to.map((each) => each.address))
        expect(mailboxes(mail.from).map((each) => each.address)).toEqual([from.address])
        expect(mail.subject ?? '').toBe(input.subject)
        expect(mail.attachments).toEqual([])
      }), { numRuns: 2_000 })
  }, 60_000)
})

const hostile = fc.constantFrom(
  'a\r\nBcc: eve@example.com', '\r\n\r\n<script>', 'x\0y', '"><eve@example.com>, <', '=?utf-8?B?DQpCY2M6IGV2ZUBleGFtcGxlLmNvbQ==?=',
  '=?utf-8?Q?=0D=0ABcc:_eve@example.com?=', '--=_ll_abc123--', '\u2028\u2029\u0085', '(comment) <a@b.test>', ';,:', '.\r\n.', 'Ł'.repeat(100),
)

function compose(part: Partial<MessageInput>): ComposedMessage {
  const result = composeMessage({ ...basic, ...part })
  return result.ok ? result.message : never(result.reason)
}

function never(reason = ''): never {
  throw new Error(reason)
}

function parse(message: ComposedMessage): Promise<ParsedMail> {
  return simpleParser(message.raw, { skipTextToHtml: true })
}

function address(text: string): MailAddress {
  const parsed = parseAddress(text)
  return parsed.ok ? parsed : never(parsed.reason)
}

function mailboxes(field: AddressObject | AddressObject[] | undefined) {
  return [field ?? []].flat().flatMap((each) => each.value.map(({ name, address: email }) => ({ name, address: email })))
}

function longestHeaderLine(message: ComposedMessage): number {
  const head = message.raw.toString('latin1').split('\r\n\r\n')[0] ?? ''
  return Math.max(...head.split('\r\n').map((line) => line.length))
}
