// Three nodes behind one port, one that manages and sends, one PostgreSQL, and Redis where there is one: as in production,
// on one machine. Sends requests, shares a rate limit, revokes a key and shows how soon every node refuses it.
import { ApiError, Letterlock } from 'letterlock'
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { manage } from './manage.ts'
import { openOnePort } from './one-port.ts'
import { startNode } from './start-node.ts'
import { startPostgres, startRedis } from './start-stores.ts'

await using closers = new AsyncDisposableStack()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void closers.disposeAsync().finally(() => process.exit(130)))
}

const databaseUrl = await startPostgres(closers)
const redisUrl = await startRedis(closers)
const limits = redisUrl ? { REDIS_URL: redisUrl } : { LETTERLOCK_LIMITS: 'postgres' }
const shared = {
  DATABASE_URL: databaseUrl,
  LETTERLOCK_PEPPERS: `v1:${randomBytes(32).toString('base64')}`,
  LETTERLOCK_TRUSTED_PROXIES: '127.0.0.1',
  ...limits,
}

// the first to come brings the schema up to date
const control = await startNode(closers, { ...shared, LETTERLOCK_ROLES: 'management,jobs' })
const nodes = await Promise.all([1, 2, 3].map(() => startNode(closers, { ...shared, LETTERLOCK_ROLES: 'api' })))
const onePort = await openOnePort(closers, nodes.map(({ apiUrl }) => apiUrl))
console.log(`started    three nodes behind ${onePort.url}, limits shared through ${redisUrl ? 'Redis' : 'PostgreSQL'}`)

const { rootKey, workspaceId } = control.keys()
const management = manage(control.managementUrl, rootKey)
const { key, secret } = await management.createKey({
  workspaceId, name: 'Example', scopes: ['contacts:read'],
  rateLimits: [{ name: 'each-minute', limit: '300/1m' }],
})
const letterlock = new Letterlock({ apiKey: secret, baseUrl: onePort.url, maxRetries: 0 })

for (let request = 0; request < 30; request++) await letterlock.key.get()
console.log(`requests   30 through the one port, answered by the nodes: ${onePort.answers().join(' + ')}`)

let admitted = 0
for (let sent = 0; sent < 400; sent += 20) {
  const answers = await Promise.all(Array.from({ length: 20 }, () => letterlock.key.get().then(() => 200, statusOf)))
  admitted += answers.filter((status) => status === 200).length
}
console.log(`limit      300 a minute, 30 used: of 400 more requests ${admitted} were admitted, ${400 - admitted} refused`)

const revision = await management.revokeKey(key.id)
const answeredAt = performance.now()
const refusals = await Promise.all(nodes.map(({ apiUrl }) => untilRefused(apiUrl)))
console.log(`revoked    ${key.id}, revision ${revision}`)
for (const [index, ms] of refusals.entries()) console.log(`node ${index + 1}     refuses it ${ms.toFixed(0)} ms after the answer`)
if (Math.max(...refusals) > 1_000) process.exitCode = 1

/** Asks a node directly until it refuses the key; a request beyond the rate limit is not the refusal that is waited for. */
async function untilRefused(apiUrl: string): Promise<number> {
  for (;;) {
    const askedAt = performance.now()
    const { status } = await fetch(`${apiUrl}/v1/key`, { headers: { authorization: `Bearer ${secret}` } })
    if (status === 401) return askedAt - answeredAt
    await delay(5)
  }
}

function statusOf(error: unknown): number {
  if (error instanceof ApiError) return error.status
  throw error
}
