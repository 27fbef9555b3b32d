import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster } from '@letterlock/db/cluster'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { delay } from '../server-process.ts'
import { type DatabaseProxy, messages, startDatabaseProxy } from './database-proxy.ts'

const closers = new AsyncDisposableStack()
let database: { port: number; connectionString: (name: string) => string }
let proxy: DatabaseProxy
const clients: Client[] = []
beforeAll(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'letterlock-proxy-pg-'))
  closers.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const cluster = await startCluster({ dataDir, durable: false, log: () => undefined })
  closers.defer(() => cluster.stop())
  database = cluster
  proxy = await startDatabaseProxy(cluster.port)
  closers.defer(() => proxy.stop())
})
afterEach(async () => {
  proxy.pass()
  proxy.mute(false)
  await Promise.all(clients.splice(0).map((client) => client.end().catch(() => undefined)))
})
afterAll(() => closers.disposeAsync())

async function open(options: object = {}): Promise<Client> {
  const connectionString = database.connectionString('postgres').replace(`:${database.port}/`, `:${proxy.port}/`)
  const client = new Client({ connectionString, ...options })
  client.on('error', () => undefined)
  clients.push(client)
  await client.connect()
  return client
}

async function listen(client: Client): Promise<string[]> {
  const heard: string[] = []
  client.on('notification', ({ payload = '' }) => heard.push(payload))
  await client.query('listen news')
  return heard
}

test('the proxy passes statements, large rows among them, and counts them', async () => {
  const client = await open()
  const before = proxy.statements()
  const { rows } = await client.query<{ text: string }>('select repeat($1, 2000000) as text', ['x'])
  expect(rows[0]?.text).toHaveLength(2_000_000)
  expect(proxy.statements() - before).toBe(1)
})

test('the proxy drops notifications when muted, and nothing else', async () => {
  const client = await open()
  const heard = await listen(client)
  await client.query("notify news, 'one'")
  proxy.mute(true)
  const seen = proxy.notifications()
  await client.query("notify news, 'two'")
  expect((await client.query<{ n: number }>('select 3 as n')).rows).toEqual([{ n: 3 }])
  expect(proxy.notifications() - seen).toBe(1)
  proxy.mute(false)
  await client.query("notify news, 'three'")
  await client.query('select 1')
  expect(heard).toEqual(['one', 'three'])
})

test('the proxy cuts what is open and refuses what comes, until it passes again', async () => {
  const client = await open()
  const waiting = client.query('select pg_sleep(10)')
  proxy.cut()
  await expect(waiting).rejects.toThrow(/ECONNRESET|terminated/)
  await expect(open()).rejects.toThrow(/ECONNRESET|terminated/)
  proxy.pass()
  expect((await (await open()).query('select 1 as n')).rows).toEqual([{ n: 1 }])
})

test('the proxy swallows everything in a black hole and gives it on later', async () => {
  const client = await open()
  proxy.blackHole()
  const [asked, opened] = [client.query('select 1 as n'), open()]
  expect(await Promise.race([asked, opened, delay(300)])).toBeUndefined()
  proxy.pass()
  expect((await asked).rows).toEqual([{ n: 1 }])
  expect((await (await opened).query('select 2 as n')).rows).toEqual([{ n: 2 }])
})

test('the proxy answers a wish for encryption with no, as PostgreSQL without certificates does', async () => {
  await expect(open({ ssl: { rejectUnauthorized: false } })).rejects.toThrow(/does not support SSL/)
})

test('messages() cuts a stream alike wherever its chunks end', () => {
  const message = (type: string, size: number) => {
    const bytes = Buffer.alloc(size + 5, type)
    bytes.writeInt32BE(size + 4, 1)
    return bytes
  }
  const stream = Buffer.concat([message('A', 0), message('D', 7), message('A', 12), message('Z', 1)])
  const kept = Buffer.concat([message('D', 7), message('Z', 1)])
  for (let at = 0; at <= stream.length; at++) {
    const pass = messages((type) => type !== 'A'.charCodeAt(0))
    expect(Buffer.concat([pass(stream.subarray(0, at)), pass(stream.subarray(at))])).toEqual(kept)
  }
})
