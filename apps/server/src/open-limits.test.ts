import { type NamedLimit, parseNamedLimit } from '@letterlock/verifier'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { hasRedis, makeRedis, startRedisCluster } from '../test/redis-rig.ts'
import { readConfig } from './config.ts'
import { createLog } from './log.ts'
import { openLimits, type OpenLimits } from './open-limits.ts'

if (process.env.CI && !hasRedis) test('openLimits() needs redis-server', () => {
  expect.fail('CI runs the limits on Redis: apt-get install redis-server')
})

let closers = new AsyncDisposableStack()
afterEach(async () => {
  await closers.disposeAsync()
  closers = new AsyncDisposableStack()
})

const limit = (text: string, owner = '{k}/a', name = 'a') => parseNamedLimit(owner, { name, limit: text }) as NamedLimit

/** Nodes on the same Redis, and what they log. */
async function openNodes(count: number, urls: readonly string[], more: { deadlineMs?: number } = {}) {
  const lines: string[] = []
  const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line).msg), redact: (line) => line })
  const config = readConfig({ REDIS_URL: urls.join(',') }, '/srv')
  const needs = { clock: () => new Date(), monotonic: () => performance.now(), liveNodes: () => count, databaseUrl: '', log, ...more }
  const nodes: OpenLimits[] = []
  for (let i = 0; i < count; i++) nodes.push(await openLimits(config, needs, closers))
  return { nodes, lines }
}

/** The first calls of a process are slow on a busy machine. */
async function warm({ nodes, lines }: Awaited<ReturnType<typeof openNodes>>, owners: readonly string[] = ['{warm}']) {
  for (const owner of owners.flatMap((each) => Array(20).fill(each))) {
    for (const node of nodes) await node.takeTokens({ limits: [limit('100/1s', owner)], cost: 1 })
  }
  await untilShared(nodes)
  lines.length = 0
}

/** Each node gets a request every 10 ms for each set of limits; what was admitted, and the longest wait. */
async function load(nodes: readonly OpenLimits[], sets: readonly (readonly NamedLimit[])[], forMs: number) {
  const loopDelay = monitorEventLoopDelay({ resolution: 5 })
  loopDelay.enable()
  const seen = { admitted: sets.map(() => 0), local: 0, longestMs: 0, ownDelayMs: 0, ms: 0 }
  const startMs = performance.now()
  const answers: Promise<void>[] = []
  for (let dueMs = startMs; dueMs < startMs + forMs; dueMs += 10) {
    await sleep(Math.max(0, dueMs - performance.now()))
    for (const node of nodes) for (const [i, limits] of sets.entries()) answers.push(take(node, limits, i))
  }
  await Promise.all(answers)
  loopDelay.disable()
  return { ...seen, ms: performance.now() - startMs, ownDelayMs: loopDelay.max / 1e6 }

  async function take(node: OpenLimits, limits: readonly NamedLimit[], i: number) {
    const askedMs = performance.now()
    const taken = await node.takeTokens({ limits, cost: 1 })
    seen.longestMs = Math.max(seen.longestMs, performance.now() - askedMs)
    if (taken.limitStore === 'local-share') seen.local++
    if (taken.taken) seen.admitted[i] = (seen.admitted[i] ?? 0) + 1
  }
}

// one outage may admit a second burst; a busy machine makes more outages than the test
const outages = (nodes: readonly OpenLimits[]) => Math.max(1, ...nodes.map((node) => node.counts().openings))
const boundOf = ({ burst, count, periodMs }: NamedLimit, ms: number, bursts: number) => bursts * burst + (count * ms) / periodMs
const isSharedFor = async (nodes: readonly OpenLimits[], limits: readonly NamedLimit[]) => {
  for (const node of nodes) while ((await node.takeTokens({ limits, cost: 0 })).limitStore) await sleep(20)
}
const untilShared = async (nodes: readonly OpenLimits[]) => {
  for (const node of nodes) {
    while (node.state() !== 'closed') {
      await node.takeTokens({ limits: [limit('1000/1s', '{other}')], cost: 1 })
      await sleep(20)
    }
  }
}

describe('openLimits()', () => {
  test('counts in memory when nothing is shared', async () => {
    const needs = { clock: () => new Date(), monotonic: () => performance.now(), liveNodes: () => 3, databaseUrl: '', log: createLog('silent', { write: () => undefined, redact: String }) }
    const limits = await openLimits(readConfig({}, '/srv'), needs, closers)
    expect(limits.kind).toBe('memory')
    expect(limits.takeTokens({ limits: [limit('2/1s')], cost: 1 })).toMatchObject({ taken: true })
  })
})

describe.skipIf(!hasRedis)('openLimits() on Redis', () => {
  test('shares limits exactly between three nodes', async () => {
    const redis = await makeRedis(closers)
    await redis.start()
    const opened = await openNodes(3, [redis.url], { deadlineMs: 5_000 }) // a busy machine must not be taken for a Redis that is out
    const { nodes, lines } = opened
    await warm(opened)
    const each = limit('50/1s')
    const { admitted: [admitted = 0], ms, local } = await load(nodes, [[each]], 2_000)
    expect(local).toBe(0)
    expect(admitted).toBeLessThanOrEqual(boundOf(each, ms, 1))
    expect(admitted).toBeGreaterThan(0.9 * boundOf(each, 2_000, 1))
    expect(lines).toEqual([])
  })

  test('goes over to local shares when Redis is killed, and back when it is there again, empty', async () => {
    const redis = await makeRedis(closers)
    await redis.start()
    const opened = await openNodes(3, [redis.url])
    const { nodes, lines } = opened
    await warm(opened)
    const each = limit('100/1s')
    const running = load(nodes, [[each]], 6_000)
    await sleep(1_500)
    await redis.kill()
    await sleep(1_500)
    expect(nodes.map((node) => node.state())).not.toContain('closed')
    await redis.start()
    const seen = await running
    await untilShared(nodes)
    expect(seen.admitted[0]).toBeLessThanOrEqual(boundOf(each, seen.ms, 1 + outages(nodes)))
    expect(seen.admitted[0]).toBeGreaterThan(0.9 * boundOf(each, 6_000, 1))
    expect(seen.longestMs).toBeLessThan(25 + 10 + 2 * seen.ownDelayMs)
    expect(new Set(lines)).toEqual(new Set(['rate limits cannot be shared; each node applies its part', 'rate limits are shared again']))
    expect(lines.length).toBeLessThan(30) // of 1 800 requests
  }, 15_000)

  test('lets nobody wait for a Redis that hangs', async () => {
    const redis = await makeRedis(closers)
    await redis.start()
    const opened = await openNodes(3, [redis.url])
    const { nodes } = opened
    await warm(opened)
    const each = limit('100/1s')
    const running = load(nodes, [[each]], 5_000)
    await sleep(1_000)
    await redis.command('DEBUG', 'SLEEP', '2')
    const seen = await running
    await untilShared(nodes)
    expect(seen.local).toBeGreaterThan(300)
    expect(seen.longestMs).toBeLessThan(25 + 10 + 2 * seen.ownDelayMs)
    expect(seen.admitted[0]).toBeLessThanOrEqual(boundOf(each, seen.ms, 1 + outages(nodes)))
    for (const node of nodes) expect(node.counts().openings).toBeGreaterThan(0)
  }, 15_000)

  test('starts without Redis, says so, and shares once it is there', async () => {
    const redis = await makeRedis(closers)
    const { nodes: [node], lines } = await openNodes(1, [redis.url])
    expect(await node?.takeTokens({ limits: [limit('10/1s')], cost: 1 })).toMatchObject({ taken: true, limitStore: 'local-share' })
    expect(lines[0]).toBe('Redis cannot be reached; each node applies its part of the rate limits')
    await redis.start()
    for (;;) {
      const taken = await node?.takeTokens({ limits: [limit('10/1s')], cost: 0 })
      if (!taken?.limitStore) break
      await sleep(20)
    }
  }, 15_000)

  test('replaces a connection that leads nowhere', async () => {
    const redis = await makeRedis(closers)
    await redis.start()
    const { url, cutAll } = await startProxy(redis.port)
    const { nodes } = await openNodes(1, [url])
    await untilShared(nodes)
    cutAll()
    const lost = await load(nodes, [[limit('100/1s')]], 500)
    expect(lost.local).toBeGreaterThan(0)
    await untilShared(nodes) // without an error on the old connection
  }, 15_000)
})

/** Passes bytes on to a port until told to drop those of the connections it has, silently; new ones work. */
async function startProxy(port: number) {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined))
    near.pipe(far)
    far.pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.defer(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const cutAll = () => {
    for (const socket of sockets) socket.unpipe().on('data', () => undefined)
  }
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, cutAll }
}

describe.skipIf(!hasRedis)('openLimits() on a Redis Cluster', () => {
  test('asks for all limits of a request in one slot, and survives the failover of a master', async () => {
    const cluster = await startRedisCluster(closers)
    const opened = await openNodes(3, cluster.slice(0, 3).map(({ url }) => url))
    const { nodes } = opened
    await warm(opened, Array.from({ length: 6 }, (_, i) => `{env_${i}}`))
    const sets = Array.from({ length: 6 }, (_, i) => ['key', 'workspace/w', 'plan/p'].map((part) => limit('100/1s', `{env_${i}}/${part}`, part.slice(0, 1))))
    const startMs = performance.now()
    const before = await load(nodes, sets, 300)
    for (const limits of sets) await isSharedFor(nodes, limits) // may take a probe of a second; the buckets drain meanwhile
    const running = load(nodes, sets, 6_000)
    await sleep(500)
    await cluster[0]?.kill()
    const seen = await running
    const ms = performance.now() - startMs
    await untilShared(nodes)
    for (const [i, admitted] of seen.admitted.entries()) {
      expect(admitted + (before.admitted[i] ?? 0)).toBeLessThanOrEqual(boundOf(sets[0]?.[0] as NamedLimit, ms, 1 + outages(nodes)))
    }
    for (const limits of sets) await isSharedFor(nodes, limits) // the slots of the master that is gone too
  }, 30_000)
})
