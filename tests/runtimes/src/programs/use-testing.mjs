// The server in memory, over its port and without it: a key that ends, an answer that is lost, a webhook.
import { createTestServer } from '@letterlock/testing'
import { Letterlock } from 'letterlock'

export async function use() {
  const server = await createTestServer()
  const key = server.keys.create({ expires: '30d' })
  const letterlock = new Letterlock({ apiKey: key.token, baseUrl: server.url, logLevel: 'off' })
  const { status } = await fetch(`${server.url}/v1/nothing`)
  server.faults.add('connection_reset', { times: 1, afterwards: true })
  await letterlock.lists.create({ name: 'Once' })
  const lists = await letterlock.lists.list().toArray({ limit: 5 })
  const endpoint = server.webhooks.add({ receiver: () => new Response(null, { status: 204 }), events: ['key.expired'] })
  server.clock.advance('30d')
  await server.settle()
  const code = await letterlock.withOptions({ fetch: server.fetch }).key.get().then(() => 'ok', (/** @type {{ code: string }} */ error) => error.code)
  await server.close()
  return { status, lists: lists.map(({ name }) => name), code, deliveries: endpoint.deliveries.map((delivery) => [delivery.type, delivery.status]) }
}
