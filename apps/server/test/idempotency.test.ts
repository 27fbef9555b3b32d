import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const createList = (idempotencyKey: string, body: unknown) =>
  server.call('POST', '/lists', { body, headers: { 'idempotency-key': idempotencyKey } })

test('a repeat gets the stored answer and has no effect', async () => {
  const first = await createList('repeat', { name: 'Once' })
  const second = await createList('repeat', { name: 'Once' })
  expect(second).toMatchObject({ status: 201, text: first.text })
  expect(second.headers.get('idempotency-replayed')).toBe('true')
  expect(first.headers.get('idempotency-replayed')).toBeNull()
})

test('another body under the same key is a 422', async () => {
  await createList('other-body', { name: 'One' })
  expect(await createList('other-body', { name: 'Two' })).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } })
})

test('fields in another order are the same body', async () => {
  const first = await createList('order', '{"name":"A","doubleOptIn":true}')
  expect((await createList('order', '{"doubleOptIn":true, "name":"A"}')).text).toBe(first.text)
})

test('a refused request does not use the key up', async () => {
  expect((await createList('refused', { name: '' })).status).toBe(400)
  expect((await createList('refused', { name: 'Right' })).status).toBe(201)
  const contact = { email: 'taken@example.com' }
  await server.call('POST', '/contacts', { body: contact })
  const conflict = () => server.call('POST', '/contacts', { body: contact, headers: { 'idempotency-key': 'conflict' } })
  expect(await conflict()).toMatchObject({ status: 409, body: { code: 'already_exists', existing: { email: 'taken@example.com' } } })
  await server.call('DELETE', '/contacts/taken@example.com')
  expect((await conflict()).status).toBe(201)
})

test('50 twins at once have one effect and one answer', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => createList('twins', { name: 'Twin' })))
  expect(new Set(answers.map((answer) => `${answer.status} ${answer.body.id}`)).size).toBe(1)
  expect(answers.filter((answer) => answer.headers.get('idempotency-replayed') === null)).toHaveLength(1)
})

test('keys of different environments and operations are different keys', async () => {
  const live = await createList('shared', { name: 'Live' })
  const testMode = await server.call('POST', '/lists', { key: server.testKey, body: { name: 'Live' }, headers: { 'idempotency-key': 'shared' } })
  const contact = await server.call('POST', '/contacts', { body: { email: 'shared@example.com' }, headers: { 'idempotency-key': 'shared' } })
  expect([live.status, testMode.status, contact.status]).toEqual([201, 201, 201])
  expect(live.body.id).not.toBe(testMode.body.id)
})
