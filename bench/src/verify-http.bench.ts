// GET /v1/key on the platform (key verified, usage recorded) against a bare Hono route with the same JSON.
import autocannon from 'autocannon'
import { once } from 'node:events'
import { compare } from './compare.ts'
import type { Run } from './run.ts'
import { startPeer, startPlatform, withSurroundings } from './surroundings.ts'

const connections = 20
const seconds = 3
const rounds = 5

await withSurroundings(async (closers) => {
  const platform = await startPlatform(closers)
  const { apiUrl, liveKey } = platform.server.dev()
  const headers = { authorization: `Bearer ${liveKey}` }
  const answer = await (await fetch(`${apiUrl}/v1/key`, { headers })).text()

  const bare = await startPeer<string>(closers, 'bare-route')
  bare.child.send(JSON.parse(answer) as object)
  await once(bare.child, 'message')
  if ((await (await fetch(`${bare.ready}/v1/key`)).text()) !== answer) throw new Error('the bare route answers something else')

  console.log(`GET /v1/key, ${answer.length} bytes of JSON, ${connections} connections, ${seconds} s a round`)
  await compare({
    unit: 'requests', rounds,
    subject: { name: 'Letterlock', run: () => load(`${apiUrl}/v1/key`, headers) },
    peers: [{ name: 'bare Hono route', run: () => load(`${bare.ready}/v1/key`, headers) }],
    processes: {
      server: platform.serverPids, PostgreSQL: platform.postgresPids, 'bare route': () => [bare.pid], 'load generator': () => [process.pid],
    },
  })
})

async function load(url: string, headers: Record<string, string>): Promise<Run> {
  const result = await autocannon({ url, headers, connections, duration: seconds })
  const failed = result.non2xx + result.errors + result.timeouts
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} requests to ${url} failed`)
  return { count: result.requests.total, seconds: result.duration }
}
