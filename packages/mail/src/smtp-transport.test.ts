import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { ComposedMessage } from './compose.ts'
import type { MailTransport } from './hand-over.ts'
import { scriptedServer, type Act, type ScriptedServer, type Stage } from './testing/scripted-server.ts'
import { smtpTransport, type SmtpTransportOptions } from './smtp-transport.ts'

const open: { close: () => Promise<void> }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

const message: ComposedMessage = {
  envelope: { from: 'news@acme.test', to: ['ada@example.com'] },
  messageId: '<1@acme.test>',
  raw: Buffer.from('Subject: Hello\r\n\r\nHello\r\n.dot\r\n'),
}

describe('smtpTransport() says what became of a message', () => {
  test('accepted, and the message arrives byte for byte', async () => {
    const { transport, server } = await start(() => undefined)
    expect(await transport.handOver(message)).toEqual({ kind: 'accepted', response: '250 2.0.0 queued as 1', rejected: [] })
    expect(server.contents).toEqual(['Subject: Hello\n\nHello\n..dot'])
  })

  test('accepted, with the recipients that were refused', async () => {
    const { transport } = await start((stage, line) => stage === 'RCPT' && line.includes('eve') ? '550 5.1.1 no such user' : undefined)
    const result = await transport.handOver({ ...message, envelope: { ...message.envelope, to: ['ada@example.com', 'eve@example.com'] } })
    expect(result).toEqual({
      kind: 'accepted', response: '250 2.0.0 queued as 1',
      rejected: [{ address: 'eve@example.com', code: 550, response: '550 5.1.1 no such user' }],
    })
  })

  const answers: [Stage, Act, object][] = [
    ['greeting', '421 4.3.2 busy', { kind: 'temporary', code: 421, throttled: true }],
    ['greeting', '450 later', { kind: 'temporary', code: 450, throttled: false }],
    ['greeting', '554 no service', { kind: 'unreachable' }],
    ['MAIL', '421 closing', { kind: 'temporary', code: 421, throttled: true }],
    ['MAIL', '451 4.3.0 local error', { kind: 'temporary', code: 451, throttled: false }],
    ['MAIL', '550 5.7.1 sender refused', { kind: 'permanent', code: 550 }],
    ['MAIL', '503 out of order', { kind: 'temporary', code: 503 }],
    ['RCPT', '450 4.2.1 greylisted', { kind: 'temporary', code: 450, throttled: false }],
    ['RCPT', '451 4.7.1 too many messages', { kind: 'temporary', code: 451, throttled: true }],
    ['RCPT', '454 4.7.0 slow down', { kind: 'temporary', code: 454, throttled: true }],
    ['RCPT', '421 closing', { kind: 'temporary', code: 421, throttled: true }],
    ['RCPT', '550 5.1.1 no such user', { kind: 'permanent', code: 550 }],
    ['DATA', '452 4.3.1 disk full', { kind: 'temporary', code: 452, throttled: false }],
    ['DATA', '554 5.7.1 refused', { kind: 'permanent', code: 554 }],
    ['content', '451 4.3.0 later', { kind: 'temporary', code: 451, throttled: false }],
    ['content', '421 4.3.2 closing', { kind: 'temporary', code: 421, throttled: true }],
    ['content', '554 5.7.1 spam', { kind: 'permanent', code: 554 }],
    ['content', 'nonsense', { kind: 'unknown' }],
    ['content', '354 what', { kind: 'unknown' }],
  ]
  test.each(answers)('after %s answers %j', async (stage, act, expected) => {
    const { transport, server } = await start((at) => at === stage ? act : undefined)
    expect(await transport.handOver(message)).toMatchObject(expected)
    expect(server.contents.length).toBe(stage === 'content' ? 1 : 0)
  })

  const silences: [Stage, Act, string][] = [
    ['greeting', 'cut', 'unreachable'], ['greeting', 'hang', 'unreachable'], ['EHLO', 'hang', 'unreachable'],
    ['MAIL', 'cut', 'unreachable'], ['MAIL', 'hang', 'unreachable'], ['RCPT', 'cut', 'unreachable'],
    ['RCPT', 'hang', 'unreachable'], ['DATA', 'cut', 'unreachable'], ['DATA', 'hang', 'unreachable'],
    ['content', 'cut', 'unknown'], ['content', 'hang', 'unknown'],
  ]
  test.each(silences)('at %s, when the server does a %s', async (stage, act, kind) => {
    const { transport, server } = await start((at) => at === stage ? act : undefined)
    expect((await transport.handOver(message)).kind).toBe(kind)
    expect(server.contents.length).toBe(stage === 'content' ? 1 : 0)
  })

  test.each<[Stage, Act]>([['MAIL', 'cut'], ['DATA', 'cut'], ['content', 'cut'], ['content', 'hang'], ['content', '421 closing']])(
    'the same on a connection that sent a message before: %s %s, never a second copy', async (stage, act) => {
      let messages = 0
      const { transport, server } = await start((at) => {
        if (at === 'MAIL') messages += 1
        return at === stage && messages === 2 ? act : undefined
      }, { maxConnections: 1 })
      await transport.handOver(message)
      const second = await transport.handOver(message)
      // Cut before the content, the message goes out once on a new connection; after it, nobody sends it again.
      const unsent = stage !== 'content'
      expect(second.kind).toBe(unsent ? 'accepted' : act === '421 closing' ? 'temporary' : 'unknown')
      expect(server.contents.length).toBe(2)
    },
  )

  test('keeps the throttling answer when a used connection gets 421', async () => {
    let mails = 0
    const { transport } = await start((at) => at === 'MAIL' && ++mails > 1 ? '421 4.7.0 too fast' : undefined, { maxConnections: 1 })
    await transport.handOver(message)
    expect(await transport.handOver(message)).toMatchObject({ kind: 'temporary', code: 421, throttled: true })
  })

  test('unreachable when nobody listens', async () => {
    const transport = track(smtpTransport({ url: `smtp://127.0.0.1:${await freePort()}` }))
    expect((await transport.handOver(message)).kind).toBe('unreachable')
  })

  test('unreachable when the login is refused, since that says nothing about the message', async () => {
    const { server } = await start((at) => at === 'EHLO' ? '250-scripted\r\n250 AUTH PLAIN' : at === 'AUTH' as Stage ? '535 5.7.8 bad password' : undefined)
    const transport = track(smtpTransport({ url: server.url.replace('//', '//user:wrong@') }))
    expect(await transport.handOver(message)).toMatchObject({ kind: 'unreachable', reason: expect.stringContaining('535') })
  })

  test('permanent when an address cannot be put into a command', async () => {
    const { transport } = await start(() => undefined)
    const to = ['a@b.test>\r\nRCPT TO:<eve@example.com']
    expect(await transport.handOver({ ...message, envelope: { ...message.envelope, to } })).toMatchObject({ kind: 'permanent', code: 553 })
  })
})

describe('smtpTransport() stops', () => {
  test('unreachable when aborted before the content, unknown when aborted after it', async () => {
    for (const [stage, kind] of [['RCPT', 'unreachable'], ['content', 'unknown']] as const) {
      const controller = new AbortController()
      const { transport } = await start((at) => {
        if (at !== stage) return undefined
        setImmediate(() => controller.abort())
        return 'hang'
      })
      expect((await transport.handOver(message, { signal: controller.signal })).kind).toBe(kind)
    }
    const { transport } = await start(() => undefined)
    expect((await transport.handOver(message, { signal: AbortSignal.abort() })).kind).toBe('unreachable')
  })

  test('close() waits for what is under way and refuses what comes later', async () => {
    const { transport, server } = await start(() => undefined, { maxConnections: 2 })
    const results = Array.from({ length: 20 }, () => transport.handOver(message))
    await transport.close()
    expect((await Promise.all(results)).every(({ kind }) => kind === 'accepted')).toBe(true)
    expect(server.contents.length).toBe(20)
    expect((await transport.handOver(message)).kind).toBe('unreachable')
  })

  test('200 messages over 5 connections that are replaced every 7 messages arrive once each', async () => {
    const { transport, server } = await start(() => undefined, { messagesPerConnection: 7 })
    const results = await Promise.all(Array.from({ length: 200 }, (_, index) =>
      transport.handOver({ ...message, raw: Buffer.from(`Subject: ${index}\r\n\r\nHello\r\n`) })))
    expect(results.every(({ kind }) => kind === 'accepted')).toBe(true)
    expect(new Set(server.contents).size).toBe(200)
    expect(server.contents.length).toBe(200)
  })

  test('half of all contents cut after the final dot: each is unknown and was sent once', async () => {
    let count = 0
    const { transport, server } = await start((at) => at === 'content' && count++ % 2 === 0 ? 'cut' : undefined)
    const results = await Promise.all(Array.from({ length: 60 }, (_, index) =>
      transport.handOver({ ...message, raw: Buffer.from(`Subject: ${index}\r\n\r\nHello\r\n`) })))
    expect(server.contents.length).toBe(60)
    expect(new Set(server.contents).size).toBe(60)
    expect(results.filter(({ kind }) => kind === 'unknown').length).toBe(30)
    expect(results.filter(({ kind }) => kind === 'accepted').length).toBe(30)
  })
})

async function start(
  script: (stage: Stage, line: string, connection: number) => Act, options: Partial<SmtpTransportOptions> = {},
): Promise<{ transport: MailTransport; server: ScriptedServer }> {
  const server = await scriptedServer(script)
  const transport = smtpTransport({ url: server.url, timeouts: { connectMs: 300, greetingMs: 300, silenceMs: 300 }, ...options })
  open.push(transport, server)
  return { transport, server }
}

function track(transport: MailTransport): MailTransport {
  open.push(transport)
  return transport
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
