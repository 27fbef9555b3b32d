import { connect as openSocket } from 'node:net'
import { operationIds, operations } from '@letterlock/contract'
import { text as readText } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeThings, type Sample, samples, type Things } from './operation-samples.ts'
import { startTestServer, type TestAnswer, type TestServer } from './test-server.ts'

let server: TestServer
let things: Things
beforeAll(async () => {
  server = await startTestServer()
  things = await makeThings(server, server.liveKey)
})
afterAll(() => server.stop())

function expectProblem(answer: TestAnswer, status: number, path?: string) {
  expect(answer.headers.get('content-type'), answer.text).toBe('application/problem+json')
  expect(answer.body, answer.text).toMatchObject({ status, requestId: answer.headers.get('x-request-id') })
  expect(answer.status).toBe(status)
  if (path !== undefined) expect(answer.body.issues.map((issue: { path: string }) => issue.path)).toContain(path)
}

const writing = operationIds.filter((id) => 'body' in operations[id])
const loneSurrogate = '{"email":"\\ud800@example.com","name":"\\ud800","subject":"\\ud800","firstName":"\\ud800","contacts":[{"email":"\\udc00"}]}'

describe.each(writing)('%s', (id) => {
  const { method } = operations[id]
  const sample: Sample = samples[id]
  const send = (body: unknown, headers?: Record<string, string>) =>
    server.call(method, sample.path(things), { body, ...(headers && { headers }) })

  test('refuses what is not JSON', async () => expectProblem(await send('{"a":'), 400, ''))
  test('refuses bytes that are not UTF-8', async () => {
    const response = await fetch(`${server.apiUrl}/v1${sample.path(things)}`, {
      method, body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]),
      headers: { authorization: `Bearer ${server.liveKey}`, 'content-type': 'application/json' },
    })
    expect(response.status).toBe(400)
  })
  test('refuses an unknown field by its path', async () => {
    const body = sample.body?.(things) as object
    expectProblem(await send({ ...body, surprise: 1 }), 400, 'surprise')
  })
  test.each([['an array', []], ['a number', 7], ['a text', '"x"'], ['null', 'null']])('refuses %s as the body', async (_, body) => {
    expectProblem(await send(body), 400)
  })
  test('refuses another content type', async () => {
    expectProblem(await send('a=1', { 'content-type': 'application/x-www-form-urlencoded' }), 415)
  })
  test('refuses a body of 2 MiB', async () => expectProblem(await send(JSON.stringify({ x: 'x'.repeat(2 << 20) })), 413))
  test('refuses unpaired surrogates', async () => expectProblem(await send(loneSurrogate), 400))
})

const offences: [string, string, string, unknown, string][] = [
  ['a NUL in a name', 'POST', '/contacts', { email: 'a@example.com', firstName: 'a\0b' }, 'firstName'],
  ['a NUL in a property', 'POST', '/contacts', { email: 'a@example.com', properties: { plan: '\0' } }, 'properties.plan'],
  ['a lone surrogate in a list name', 'POST', '/lists', '{"name":"\\ud83d"}', 'name'],
  ['10 000 characters in a name', 'POST', '/lists', { name: 'x'.repeat(10_000) }, 'name'],
  ['10 000 characters in an address', 'POST', '/contacts', { email: `${'x'.repeat(10_000)}@example.com` }, 'email'],
  ['a wrong type deep inside', 'POST', '/contacts/batch', { contacts: [{ email: 'a@example.com' }, { email: 7 }] }, 'contacts.1.email'],
  ['an unknown field deep inside', 'POST', '/contacts/batch', { contacts: [{ email: 'a@example.com', x: 1 }] }, 'contacts.0.x'],
  ['a property name that is none', 'POST', '/contacts', { email: 'a@example.com', properties: { 'a.b': 1 } }, 'properties.a.b'],
  ['CR LF in a subject', 'POST', '/emails', { from: 'a@example.com', to: 'b@example.com', subject: 'x\r\nBcc: c@example.com', text: 'x' }, 'subject'],
  ['CR LF in a sender', 'POST', '/emails', { from: 'A\r\nBcc: c@example.com <a@example.com>', to: 'b@example.com', subject: 'x', text: 'x' }, 'from'],
  ['LF in a recipient', 'POST', '/emails', { from: 'a@example.com', to: ['b@example.com\nc'], subject: 'x', text: 'x' }, 'to.0'],
  ['CR in a custom header', 'POST', '/emails', { from: 'a@example.com', to: 'b@example.com', subject: 'x', text: 'x', headers: { 'X-A': 'a\rb' } }, 'headers.X-A'],
  ['a reserved custom header', 'POST', '/emails', { from: 'a@example.com', to: 'b@example.com', subject: 'x', text: 'x', headers: { Bcc: 'c@example.com' } }, 'headers.Bcc'],
  ['a loop in a template', 'POST', '/campaigns', { name: 'x', from: 'a@example.com', subject: 'x', html: '{% for i in (1..9) %}x{% endfor %}' }, 'html'],
  ['a limit out of range', 'GET', '/contacts?limit=101', undefined, 'limit'],
  ['a limit in hexadecimal', 'GET', '/contacts?limit=0x10', undefined, 'limit'],
  ['a limit with an exponent', 'GET', '/contacts?limit=1e1', undefined, 'limit'],
  ['a time beyond the year 9999', 'GET', '/usage?from=9999-12-01T00:00:00Z&to=9999-12-31T23:59:59-01:00', undefined, 'to'],
  ['an unknown query parameter', 'GET', '/contacts?surprise=1', undefined, 'surprise'],
  ['a query parameter given twice', 'GET', '/contacts?limit=1&limit=2', undefined, 'limit'],
  ['a forged cursor', 'GET', '/contacts?cursor=abc', undefined, 'cursor'],
  ['an address that is none in a path', 'PUT', '/contacts/nobody', {}, 'email'],
  ['a NUL in a path', 'GET', '/contacts/a%00b', undefined, 'idOrEmail'],
]

test.each(offences)('%s is a 400 with its path', async (...[, method, path, body, where]) => {
  expectProblem(await server.call(method, path, { body }), 400, where)
})

test('101 query parameters are refused', async () => {
  const query = Array.from({ length: 101 }, (_, i) => `a${i}=1`).join('&')
  expectProblem(await server.call('GET', `/contacts?${query}`), 400, '')
})

test('__proto__ and constructor are unknown fields like others', async () => {
  const answer = await server.call('POST', '/lists', { body: '{"name":"x","__proto__":{"a":1},"constructor":1}' })
  expectProblem(answer, 400, 'constructor')
})

test.each(['', 'x'.repeat(256), 'a b', 'ä'])('the Idempotency-Key %j is refused', async (key) => {
  const bytes = [...new TextEncoder().encode(key)].map((byte) => String.fromCharCode(byte)).join('')
  expectProblem(await server.call('POST', '/lists', { body: { name: 'x' }, headers: { 'idempotency-key': bytes } }), 400, 'Idempotency-Key')
})

test('an unknown path and a wrong method are problems', async () => {
  expectProblem(await server.call('GET', '/nothing'), 404)
  const answer = await server.call('PATCH', '/contacts/batch', { body: {} })
  expect(answer.status).toBe(404)
  const wrong = await server.call('DELETE', '/usage')
  expectProblem(wrong, 405)
  expect(wrong.headers.get('allow')).toBe('GET')
})

test.each([
  ['headers of 20 KB', `GET /v1/key HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
  ['what is not HTTP', 'HELLO\r\n\r\n', 400],
  ['a header with a line break of its own', 'GET /v1/key HTTP/1.1\r\nhost: x\r\nx-a: a\0b\r\n\r\n', 400],
])('%s are answered by a problem on the socket', async (_, raw, status) => {
  const { hostname, port } = new URL(server.apiUrl)
  const socket = openSocket(Number(port), hostname)
  socket.write(raw)
  const answer = await readText(socket)
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ status })
})
