import { type EventType, events } from '@letterlock/contract'
import { Letterlock } from 'letterlock'
import { newWebhookSecret, verifyWebhook } from 'letterlock/webhooks'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { createTestServer, type TestServer } from '../src/index.ts'

async function rig(): Promise<TestServer> {
  const server = await createTestServer({ now: '2026-11-22T09:00:00.000Z' })
  onTestFinished(() => server.close())
  return server
}

const clicked = { to: 'ada@example.com', url: 'https://acme.example' }

test('a receiver that listens on a port gets what verifies with each of its secrets', async () => {
  const server = await rig()
  const secrets = [newWebhookSecret(), newWebhookSecret()]
  const verified: unknown[] = []
  const receiver = createServer((incoming, outgoing) => {
    const seen = text(incoming).then(async (body) => {
      for (const secret of secrets) verified.push(await verifyWebhook({ body, headers: incoming.headers }, secret, { now: server.clock.now().getTime() }))
    })
    void seen.finally(() => outgoing.writeHead(204).end())
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  onTestFinished(() => void receiver.close())
  server.webhooks.add({ receiver: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`, secrets }) // a TCP server
  await server.webhooks.send('email.clicked', clicked)
  expect(verified).toMatchObject([{ type: 'email.clicked', data: clicked }, { type: 'email.clicked', data: clicked }])
})

test('a receiver that is not there is tried five times, with signatures of their moments', async () => {
  const server = await rig()
  const endpoint = server.webhooks.add({ receiver: 'http://127.0.0.1:1/' })
  await server.webhooks.send('email.clicked', clicked)
  const [first] = endpoint.deliveries
  for (let i = 0; i < 10; i++) {
    server.clock.advance('10m')
    await server.settle()
  }
  expect(endpoint.deliveries).toMatchObject([{ status: null, attempts: 5 }])
  const [last] = endpoint.deliveries
  expect(last?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
  expect(Number(last?.headers['webhook-timestamp']) - Number(first?.headers['webhook-timestamp'])).toBe(4 * 600)
})

test('send() refuses data that the event does not have', async () => {
  const server = await rig()
  await expect(server.webhooks.send('email.clicked', { to: 7 } as never)).rejects.toThrow('The data of email.clicked does not fit: to: ')
})

test('a quota is told of at 80 and 100 percent, once each', async () => {
  const server = await rig()
  const endpoint = server.webhooks.add({ receiver: () => new Response(), events: ['quota.threshold'] })
  server.setQuota('emails.sent', 10)
  const letterlock = new Letterlock({ apiKey: server.keys.create().token, baseUrl: server.url })
  for (let i = 0; i < 10; i++) {
    await letterlock.emails.send({ from: 'a@acme.example', to: 'ada@example.com', subject: 'x', text: 'x' })
    await server.settle()
  }
  expect(endpoint.deliveries.map(({ body }) => JSON.parse(body).data)).toMatchObject([{ percent: 80, used: 8, quota: 10 }, { percent: 100, used: 10, quota: 10 }])
})

test('whatever happens is told in the form that the contract has for it', async () => {
  const server = await rig()
  const endpoint = server.webhooks.add({ receiver: () => new Response() })
  const key = server.keys.create({ expires: '2d' })
  const letterlock = new Letterlock({ apiKey: key.token, baseUrl: server.url, logLevel: 'off' })
  const { id: listId } = await letterlock.lists.create({ name: 'News' })
  for (const name of ['ada', 'bounced', 'complained']) await letterlock.contacts.create({ email: `${name}@simulator.letterlock.test`, listIds: [listId] })
  await letterlock.contacts.update('ada@simulator.letterlock.test', { firstName: 'Ada' })
  server.setQuota('emails.sent', 2)
  const { id } = await letterlock.campaigns.create({ name: 'x', subject: 'x', html: 'x', from: 'a@acme.example', listIds: [listId] })
  await letterlock.campaigns.send(id)
  await server.settle() // two are sent, then the quota is used up
  server.setQuota('emails.sent', null)
  await server.settle()
  for (const message of server.outbox) server.unsubscribe(message)
  await letterlock.contacts.delete('ada@simulator.letterlock.test')
  key.rotate({ overlap: '1d' })
  key.disable()
  key.enable()
  key.update({ scopes: ['lists:read'] })
  for (const by of ['1d', '1d']) {
    server.clock.advance(by)
    await server.settle()
  }
  key.revoke()
  await server.settle()
  const told = endpoint.deliveries.map(({ type, body }) => ({ type, parsed: events[type].strict().safeParse(JSON.parse(body).data) }))
  expect(told.filter(({ parsed }) => !parsed.success)).toEqual([])
  const happened: EventType[] = [
    'key.created', 'contact.created', 'contact.updated', 'campaign.sending', 'campaign.paused', 'campaign.sent', 'email.delivered', 'email.bounced', 'email.complained',
    'email.unsubscribed', 'quota.threshold', 'contact.deleted', 'key.rotated', 'key.disabled', 'key.enabled', 'key.updated', 'key.expiring', 'key.secret_retired', 'key.expired', 'key.revoked',
  ]
  expect([...new Set(told.map(({ type }) => type))].sort()).toEqual(happened.sort())
})
