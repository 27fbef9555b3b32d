import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseTarget, refusalOfUrl } from './choose-target.ts'
import { createPostOutside } from './post-outside.ts'
import { startCanary } from './testing/canary.ts'
import { startNameServer } from './testing/name-server.ts'

const closers: (() => void)[] = []
afterAll(() => closers.forEach((close) => close()))

const noHost = async () => []
const body = '{"type":"contact.created"}'
const strict = createPostOutside({ resolveHost: noHost, allowLoopback: false, timeoutMs: 1_000 })
const development = createPostOutside({ resolveHost: noHost, allowLoopback: true, timeoutMs: 1_000 })

async function listen(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
  server.listen(port, host)
  await once(server, 'listening')
  closers.push(() => void server.close())
  return (server.address() as AddressInfo).port // a TCP server has one
}

const serve = (handle: RequestListener, host?: string, port?: number) => listen(createServer(handle), host, port)

async function canary(host?: string, port?: number) {
  const started = await startCanary(host, port)
  closers.push(started.stop)
  return started
}

async function nameServer(answer: Parameters<typeof startNameServer>[0]) {
  const started = await startNameServer(answer)
  closers.push(started.stop)
  return started
}

/** Literals of addresses that are not public, as they may stand in a URL. */
const literals = [
  // loopback in every spelling
  '127.0.0.1', '127.1', '127.0.1', '127.255.255.254', '2130706433', '0x7f000001', '0x7f.1', '0x7F.0x0.0x0.0x1', '017700000001', '0177.0.0.1',
  '0177.0.0.01', '127.0.0.1.', '127.000.000.001', '%31%32%37.0.0.1', '127。0。0。1', '１２７.0.0.1', '①②⑦.0.0.1', 'localhost', 'LOCALHOST', 'localhost.',
  'anything.localhost', '[::1]', '[0:0:0:0:0:0:0:1]', '[::1]', '[0000::0001]',
  // this network
  '0', '0.0.0.0', '0.1.2.3', '0x0', '[::]',
  // private, shared, link-local, metadata
  '10.0.0.1', '10.255.255.255', '0xa.1', '012.0.0.1', '167772161', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.168.1', '3232235777', '100.64.0.1',
  '100.100.100.200', '169.254.169.254', '169.254.43518', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.170.2', '192.0.0.192', '168.63.129.16',
  // documentation, benchmarks, multicast, reserved
  '192.0.2.1', '198.51.100.7', '203.0.113.9', '198.18.0.1', '198.19.255.255', '192.88.99.1', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255',
  // IPv4 inside of IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP
  '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:10.0.0.1]', '[::ffff:169.254.169.254]', '[::ffff:8.8.8.8]', '[::127.0.0.1]', '[::7f00:1]',
  '[::ffff:0:127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b::169.254.169.254]', '[64:ff9b:1::a00:1]', '[2002:7f00:1::]', '[2002:a9fe:a9fe::1]',
  '[2001:0:7f00:1::]', '[2001:0000:4136:e378:8000:63bf:3fff:fdd2]', '[fe80::5efe:7f00:1]',
  // the rest of IPv6
  '[fe80::1]', '[febf::1]', '[fec0::1]', '[fc00::1]', '[fd00:ec2::254]', '[fd12:3456:789a::1]', '[ff02::1]', '[ff0e::1]', '[100::1]', '[2001:db8::1]',
  '[2001:2::1]', '[2001:20::1]', '[3fff::1]', '[3ffe::1]', '[5f00::1]', '[4000::1]',
]

describe('postOutside()', () => {
  let reached: { port: number; connections: () => number }[]
  beforeAll(async () => {
    const first = await canary()
    reached = [first, await canary('::1', first.port)]
  })

  test.each([...new Set(literals)])('connects to nobody for http://%s', async (host) => {
    const port = reached[0]?.port
    for (const url of [`http://${host}/`, `https://${host}/`, `http://${host}:${port}/`]) {
      expect(await strict({ url, headers: {}, body }), url).toEqual({ kind: 'refused', reason: expect.stringMatching(/^(address|unresolved)$/) })
      expect(refusalOfUrl(url, { allowLoopback: false }), url).toBe('address')
    }
    expect(reached.map(({ connections }) => connections())).toEqual([0, 0])
  })

  test('reaches the canary where it may, so that its silence means something', async () => {
    const host = await canary()
    expect(await development({ url: `http://127.0.0.1:${host.port}/`, headers: {}, body })).toEqual({ kind: 'failed', reason: 'connection' })
    expect(host.connections()).toBe(1)
  })

  test.each([
    'ftp://example.com/', 'file:///etc/passwd', 'gopher://127.0.0.1/', 'data:text/plain,hi', 'javascript:alert(1)', 'unix:/run/x.sock', 'example.com', '',
    'http://user@example.com/', 'http://user:password@example.com/', 'http://example.com@127.0.0.1/', 'http://[fe80::1%25eth0]/', 'http://256.256.256.256/', 'http://4294967296/',
  ])('refuses what is no plain http(s) URL: %s', async (url) => {
    expect(await strict({ url, headers: {}, body })).toEqual({ kind: 'refused', reason: 'url' })
    expect(refusalOfUrl(url, { allowLoopback: true })).toBe('url')
  })

  test.each(['http://8.8.8.8:22/', 'https://8.8.8.8:8443/', 'http://8.8.8.8:6379/', 'http://[2606:4700::1111]:25/'])('refuses ports other than 80 and 443: %s', async (url) => {
    expect(await development({ url, headers: {}, body })).toEqual({ kind: 'refused', reason: 'port' })
    expect(refusalOfUrl(url, { allowLoopback: true })).toBe('port')
  })

  test('refuses private networks where loopback is allowed for development', async () => {
    for (const url of ['http://10.0.0.1/', 'http://169.254.169.254/', 'http://[::ffff:127.0.0.1]/', 'http://0.0.0.0/', 'http://[64:ff9b::7f00:1]/']) {
      expect(await development({ url, headers: {}, body }), url).toEqual({ kind: 'refused', reason: 'address' })
    }
  })

  test('refuses a host when one of its addresses is not public', async () => {
    const host = await canary()
    for (const answers of [{ A: ['8.8.8.8', '127.0.0.1'], AAAA: [] }, { A: ['8.8.8.8'], AAAA: ['::1'] }, { A: [], AAAA: ['::ffff:7f00:1'] }, { A: ['169.254.169.254'], AAAA: [] }]) {
      const { resolveHost } = await nameServer(({ type }) => answers[type])
      const post = createPostOutside({ resolveHost, allowLoopback: false })
      expect(await post({ url: 'http://mixed.example/', headers: {}, body })).toEqual({ kind: 'refused', reason: 'address' })
    }
    expect(host.connections()).toBe(0)
  })

  test('asks for the addresses once, and connects to those even when the name means others by then', async () => {
    const received: string[] = []
    const port = await serve((request, response) => {
      received.push(request.headers.host ?? '')
      response.end()
    })
    const rebound = await canary('127.0.0.2', port)
    const { resolveHost, questions } = await nameServer(({ type, count }) => (type === 'AAAA' ? [] : [count === 1 ? '127.0.0.1' : '127.0.0.2']))
    const post = createPostOutside({ resolveHost, allowLoopback: true })
    expect(await post({ url: `http://rebinding.example:${port}/`, headers: {}, body })).toEqual({ kind: 'answered', status: 200, retryAfter: null })
    expect(questions.map(({ name, type }) => `${name} ${type}`).toSorted()).toEqual(['rebinding.example A', 'rebinding.example AAAA'])
    expect(received).toEqual([`rebinding.example:${port}`])
    expect(rebound.connections()).toBe(0)
  })

  test('refuses a name that was public when it was examined before and is loopback now', async () => {
    const host = await canary()
    const { resolveHost } = await nameServer(({ type, count }) => (type === 'AAAA' ? [] : [count === 1 ? '8.8.8.8' : '127.0.0.1']))
    expect(await chooseTarget('http://rebinding.example/', { resolveHost, allowLoopback: false })).toMatchObject({ addresses: ['8.8.8.8'] })
    const post = createPostOutside({ resolveHost, allowLoopback: false })
    expect(await post({ url: 'http://rebinding.example/', headers: {}, body })).toEqual({ kind: 'refused', reason: 'address' })
    expect(host.connections()).toBe(0)
  })

  test('gives up on a host without addresses', async () => {
    expect(await strict({ url: 'https://nowhere.example/', headers: {}, body })).toEqual({ kind: 'refused', reason: 'unresolved' })
  })

  test.each([301, 302, 303, 307, 308])('follows no redirect: %i', async (status) => {
    const target = await canary()
    const port = await serve((_, response) => response.writeHead(status, { location: `http://127.0.0.1:${target.port}/` }).end())
    expect(await development({ url: `http://127.0.0.1:${port}/`, headers: {}, body })).toEqual({ kind: 'answered', status, retryAfter: null })
    expect(target.connections()).toBe(0)
  })

  test('sends the body and headers as they are, by POST, and tells of Retry-After', async () => {
    const { promise: received, resolve } = Promise.withResolvers<Record<string, unknown>>()
    const port = await serve((request, response) => {
      void request.toArray().then((chunks) => {
        resolve({ method: request.method, url: request.url, id: request.headers['webhook-id'], body: Buffer.concat(chunks as Buffer[]).toString() })
        response.writeHead(503, { 'retry-after': '120' }).end()
      })
    })
    const answer = await development({ url: `http://localhost:${port}/hooks?a=1`, headers: { 'webhook-id': 'evt_1' }, body })
    expect(answer).toEqual({ kind: 'answered', status: 503, retryAfter: '120' })
    expect(await received).toEqual({ method: 'POST', url: '/hooks?a=1', id: 'evt_1', body })
  })

  test('reads no more of an answer than its bound', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<boolean>()
    const port = await serve((_, response) => {
      const chunk = Buffer.alloc(65_536)
      const write = () => void (response.write(chunk) ? setImmediate(write) : response.once('drain', write))
      response.on('error', () => undefined).on('close', () => resolve(response.writableFinished))
      write()
    })
    expect(await development({ url: `http://127.0.0.1:${port}/`, headers: {}, body })).toEqual({ kind: 'answered', status: 200, retryAfter: null })
    expect(await closed).toBe(false)
  })

  test('ends a request whose receiver is silent, or drips an answer without end, at its time', async () => {
    const post = createPostOutside({ resolveHost: noHost, allowLoopback: true, timeoutMs: 150 })
    const silent = await listen(createTcpServer(() => undefined))
    const dripping = await serve((_, response) => {
      const timer = setInterval(() => response.write('.'), 20)
      response.on('error', () => undefined).on('close', () => clearInterval(timer))
    })
    for (const port of [silent, dripping]) expect(await post({ url: `http://127.0.0.1:${port}/`, headers: {}, body })).toEqual({ kind: 'failed', reason: 'timeout' })
    const never = createPostOutside({ resolveHost: () => new Promise(() => undefined), allowLoopback: true, timeoutMs: 50 })
    expect(await never({ url: 'https://slow-name.example/', headers: {}, body })).toEqual({ kind: 'failed', reason: 'timeout' })
  })

  test('refuses headers beyond 16 KiB and answers that are no HTTP', async () => {
    const large = await serve((_, response) => response.writeHead(200, { 'x-large': 'a'.repeat(20_000) }).end())
    const other = await listen(createTcpServer((socket) => void socket.end('220 mail.example ESMTP\r\n')))
    for (const port of [large, other]) expect(await development({ url: `http://127.0.0.1:${port}/`, headers: {}, body })).toEqual({ kind: 'failed', reason: 'connection' })
  })

  test('asks TLS for the name of the URL, not for the address it connects to', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<string>()
    const port = await listen(createTlsServer({ SNICallback: (name, done) => (resolve(name), done(new Error('no certificate'))) }))
    const { resolveHost } = await nameServer(({ type }) => (type === 'A' ? ['127.0.0.1'] : []))
    const post = createPostOutside({ resolveHost, allowLoopback: true })
    expect(await post({ url: `https://receiver.example:${port}/`, headers: {}, body })).toMatchObject({ kind: 'failed' })
    expect(await asked).toBe('receiver.example')
  })
})
