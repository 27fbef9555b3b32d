import { generateKeyPairSync } from 'node:crypto'
import { authenticate } from 'mailauth'
import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import { describe, expect, test } from 'vitest'
import { composeMessage, type ComposedMessage } from './compose.ts'
import { signMessage, type DkimKey } from './dkim.ts'
import { smtpTransport } from './smtp-transport.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const key: DkimKey = { domain: 'acme.test', selector: 'll1', privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string }
const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`

describe('signMessage()', () => {
  test('makes a signature that an independent verifier accepts, over both List-Unsubscribe headers', async () => {
    const signature = await verify((await signMessage(compose(), key)).raw)
    expect(signature.status.result).toBe('pass')
    const covered = signature.signingHeaders?.keys.toLowerCase().split(': ').map((each) => each.trim()) ?? []
    expect(covered).toEqual(expect.arrayContaining(
      ['from', 'to', 'subject', 'date', 'message-id', 'list-unsubscribe', 'list-unsubscribe-post', 'content-type']))
  })

  test.each([
    ['List-Unsubscribe-Post: List-Unsubscribe=One-Click', 'List-Unsubscribe-Post: List-Unsubscribe=Other'],
    ['https://acme.test/u/', 'https://evil.test/u/'], ['Subject: Gr', 'Subject: Br'], ['Hello', 'Jello'],
  ])('makes a signature that breaks when %s changes', async (from, to) => {
    const raw = (await signMessage(compose({ subject: 'Greetings' }), key)).raw.toString('latin1')
    expect(raw).toContain(from)
    expect((await verify(Buffer.from(raw.replace(from, to), 'latin1'))).status.result).not.toBe('pass')
  })

  test('never lets a message go unsigned', async () => {
    await expect(signMessage(compose(), { ...key, privateKey: 'no key' })).rejects.toThrow('acme.test cannot sign')
  })
})

test('smtpTransport() signs for domains with a key, and the signature survives SMTP', async () => {
  const received: Buffer[] = []
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'], logger: false,
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        received.push(Buffer.concat(chunks))
        done()
      })
    },
  })
  const port = await new Promise<number>((resolve) => {
    const listener = server.listen(0, '127.0.0.1', () => {
      const address = listener.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  const transport = smtpTransport({ url: `smtp://127.0.0.1:${port}`, findDkimKey: (domain) => domain === 'acme.test' ? key : undefined })
  expect((await transport.handOver(compose())).kind).toBe('accepted')
  expect((await transport.handOver(compose({ from: { address: 'news@other.test' } }))).kind).toBe('accepted')
  await transport.close()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  expect((await verify(received[0] ?? Buffer.alloc(0))).status.result).toBe('pass')
  expect((await simpleParser(received[1] ?? '')).headers.has('dkim-signature')).toBe(false)
})

test('smtpTransport() hands nothing over when the key of a domain cannot sign, and says so', async () => {
  const transport = smtpTransport({ url: 'smtp://127.0.0.1:1', findDkimKey: () => ({ ...key, privateKey: 'not a key' }) })
  expect(await transport.handOver(compose())).toEqual({ kind: 'unreachable', reason: 'The DKIM key of acme.test cannot sign.' })
  await transport.close()
})

function compose(part: Partial<Parameters<typeof composeMessage>[0]> = {}): ComposedMessage {
  const result = composeMessage({
    from: { address: 'news@acme.test', name: 'Acme' }, to: [{ address: 'ada@example.com', name: 'Zoë' }], subject: 'Grüße '.repeat(20),
    html: '<p>Hello — Grüße</p>\n.\n..dots  \n', text: 'Hello\n.\n..dots  \n\n\n', messageId: '<1@acme.test>', date: new Date(),
    unsubscribe: { url: `https://acme.test/u/${'t'.repeat(200)}` }, ...part,
  })
  if (!result.ok) throw new Error(result.reason)
  return result.message
}

async function verify(raw: Buffer) {
  const resolver = (name: string, type: string) => {
    if (name === 'll1._domainkey.acme.test' && type === 'TXT') return Promise.resolve([[record]])
    return Promise.reject(Object.assign(new Error('no such record'), { code: 'ENOTFOUND' }))
  }
  const { dkim } = await authenticate(raw, { ip: '127.0.0.1', helo: 'localhost', mta: 'test', sender: 'news@acme.test', resolver })
  const signature = dkim.results[0]
  if (signature === undefined) throw new Error('no signature')
  return signature
}
