// A route behind requireKey() against the same route left open, both of one Hono server in one process: verifier on
// PostgreSQL with its change feed, limits in memory, every request recorded and saved in one batch a second.
import autocannon from 'autocannon'
import { once } from 'node:events'
import { compare } from './compare.ts'
import { ask, createKeyDatabase, pepper, startPostgres } from './key-database.ts'
import type { ProtectedRouteOptions } from './peers/protected-route.ts'
import type { Run } from './run.ts'
import { startPeer, withSurroundings } from './surroundings.ts'

const keyCount = 1_000
const connections = 20
const seconds = 3
const rounds = 7

await withSurroundings(async (closers) => {
  const { cluster, pids } = await startPostgres(closers, { durable: true })
  const database = await createKeyDatabase(closers, cluster, 'letterlock')
  const keys = await database.issue(keyCount)
  await database.settle()

  const server = await startPeer(closers, 'protected-route')
  const options: ProtectedRouteOptions = { connectionString: database.connectionString, pepper: pepper.toString('base64'), scope: ask.scope }
  server.child.send(options)
  const [url] = (await once(server.child, 'message')) as [string]
  const requests = keys.map(({ token }) => ({ headers: { authorization: `Bearer ${token}` } }))
  const load = (path: string) => loadRoute(url + path, requests)
  const refused = await fetch(`${url}/protected`)
  if (refused.status !== 401) throw new Error(`the protected route answered ${refused.status} without a key`)
  const [open, behind] = await Promise.all(['/open', '/protected'].map(async (path) => (await fetch(url + path, requests[0])).text()))
  if (open !== behind) throw new Error('the routes answer differently')

  console.log(`${open?.length} bytes of JSON, ${connections} connections, ${keyCount} keys in turn on both routes, ${seconds} s a round`)
  let passed = 0
  await compare({
    unit: 'requests', rounds,
    subject: { name: 'protected route', run: async () => {
      const run = await load('/protected')
      passed += run.count
      return run
    } },
    peers: [{ name: 'open route', run: () => load('/open') }],
    processes: { server: () => [server.pid], PostgreSQL: pids, 'load generator': () => [process.pid] },
  })
  await untilRecorded(database.client, passed)
})

async function loadRoute(url: string, requests: autocannon.Request[]): Promise<Run> {
  const result = await autocannon({ url, requests, connections, duration: seconds })
  const failed = result.non2xx + result.errors + result.timeouts
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} requests to ${url} failed`)
  return { count: result.requests.total, seconds: result.duration }
}

/** What was recorded is in the database soon after; requests that the generator gave up at the end of a round are more. */
async function untilRecorded(client: { query: (text: string) => Promise<{ rows: { requests: string; records: string }[] }> }, passed: number): Promise<void> {
  let last = ''
  for (let attempt = 0; attempt < 20; attempt++) {
    const { rows: [row] } = await client.query(
      `select (select coalesce(sum(requests), 0) from usage_minutes where outcome = 'ok') as requests, (select count(*) from usage_requests) as records`)
    last = `${Number(row?.requests).toLocaleString('en')} counted, ${Number(row?.records).toLocaleString('en')} with a record of their own`
    if (Number(row?.requests) >= passed) return console.log(`of ${passed.toLocaleString('en')} answers ${last}`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error(`of ${passed} answers only ${last}`)
}
