// A route in guard(), and behind requireKey(), against the same route left open, all of one Hono server in one process:
// verifier on PostgreSQL with its change feed, limits in memory, every request recorded and saved in one batch a second.
import { once } from 'node:events'
import { compare } from './compare.ts'
import { getRequest, loadHttp } from './http-load.ts'
import { ask, createKeyDatabase, pepper, startPostgres } from './key-database.ts'
import type { ProtectedRouteOptions } from './peers/protected-route.ts'
import { startPeer, withSurroundings } from './surroundings.ts'

const keyCount = 1_000
const connections = 20
const seconds = 3
const rounds = 5

await withSurroundings(async (closers) => {
  const { cluster, pids } = await startPostgres(closers, { durable: true })
  const database = await createKeyDatabase(closers, cluster, 'letterlock')
  const keys = await database.issue(keyCount)
  await database.settle()

  const server = await startPeer(closers, 'protected-route')
  const options: ProtectedRouteOptions = { connectionString: database.connectionString, pepper: pepper.toString('base64'), scope: ask.scope, rowId: keys[0]?.id ?? '' }
  server.child.send(options)
  const [url] = (await once(server.child, 'message')) as [string]
  const headers = keys.map(({ token }) => ({ authorization: `Bearer ${token}` }))
  const load = async (path: string) => {
    const routeUrl = new URL(path, url)
    return loadHttp({ url: routeUrl, requests: headers.map((each) => getRequest(routeUrl, each)), connections, seconds })
  }
  let passed = 0
  const loadProtected = async (path: string) => {
    const run = await load(path)
    passed += run.count
    return run
  }
  for (const route of ['constant', 'reading']) {
    const paths = ['open', 'guarded', 'behind'].map((door) => `/${route}/${door}`)
    const refused = await Promise.all(paths.map(async (path) => (await fetch(url + path)).status))
    if (refused.join() !== '200,401,401') throw new Error(`the routes answered ${refused.join()} without a key`)
    const answers = await Promise.all(paths.map(async (path) => (await fetch(url + path, { headers: headers[0] as Record<string, string> })).text()))
    passed += 2
    if (new Set(answers).size > 1) throw new Error('the routes answer differently')
    console.log(`\n${route === 'constant' ? 'A constant' : 'A row read by its primary key'}, ${answers[0]?.length} bytes of JSON, ` +
      `${connections} connections, ${keyCount} keys in turn on all routes, ${seconds} s a round`)
    await compare({
      unit: 'requests', rounds,
      subject: { name: 'route in guard()', run: () => loadProtected(`/${route}/guarded`) },
      peers: [
        { name: 'open route', run: () => load(`/${route}/open`) },
        { name: 'route behind requireKey()', run: () => loadProtected(`/${route}/behind`) },
      ],
      processes: { server: () => [server.pid], PostgreSQL: pids, 'load generator': () => [process.pid] },
    })
  }
  await untilRecorded(database.client, passed)
})

/** What was recorded is in the database soon after. */
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
