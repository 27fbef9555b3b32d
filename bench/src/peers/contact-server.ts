// A server that answers each POST with a contact, whatever it is sent.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const contact = JSON.stringify({
  id: 'con_01k8zv3hq5e7tbd6j2m9w4xypn', email: 'ada@example.com', firstName: 'Ada', properties: { plan: 'pro' }, lists: [], suppressed: false,
  createdAt: '2026-11-22T09:30:00.000Z', updatedAt: '2026-11-22T09:30:00.000Z',
})
const headers = {
  'content-type': 'application/json', 'content-length': Buffer.byteLength(contact), 'x-request-id': 'req_01k8zv3hq5e7tbd6j2m9w4xypn',
  'letterlock-key-id': 'key_01k8zv3hq5e7tbd6j2m9w4xypn', 'ratelimit-policy': '"default";q=1000000;w=10', ratelimit: '"default";r=999999;t=1',
}

const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(201, headers).end(contact))
}).listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
