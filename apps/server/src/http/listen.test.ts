import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { listen } from './listen.ts'

test('drain() waits for what a request does, though its caller has gone', async () => {
  const begun = Promise.withResolvers<void>()
  const work = Promise.withResolvers<void>()
  const order: string[] = []
  const listener = await listen({
    host: '127.0.0.1', port: 0, portVariable: 'NONE',
    fetch: async () => {
      begun.resolve()
      await work.promise
      order.push('done')
      return new Response()
    },
  })
  const socket = connect(Number(new URL(listener.url).port), '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await begun.promise
  socket.destroy()
  await once(socket, 'close')
  const drained = listener.drain().then(() => order.push('drained'))
  await new Promise((resolve) => setTimeout(resolve, 100)) // long enough for the connection to end
  work.resolve()
  await drained
  expect(order).toEqual(['done', 'drained'])
})
