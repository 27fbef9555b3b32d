// One Hono route on @hono/node-server that answers JSON text of the size it is told, and does nothing else.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { AddressInfo } from 'node:net'

let body: object = {}
process.on('message', (answer: object) => {
  body = answer
  process.send?.('set')
})

const app = new Hono()
app.get('/v1/key', (c) => c.json(body))
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (address) => {
  process.send?.(`http://127.0.0.1:${(address as AddressInfo).port}`)
})
process.on('disconnect', () => process.exit())
