import { createHash } from 'node:crypto'
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { newId, rootScopeNames } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { listen } from '../../src/http/listen.ts'
import { createTestManagement, keyIdOf, type TestManagement } from './test-management.ts'

let management: TestManagement
let workspaceId: string
const made: string[] = [] // ids of keys
beforeAll(async () => {
  management = await createTestManagement()
  workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id
  for (let index = 0; index < 6; index++) {
    management.state.now = new Date(Date.parse('2026-11-22T09:30:00.000Z') + index * 3_600_000)
    made.push((await management.mutate('keys.create', { workspaceId, mode: 'live', name: `CI ${index}` })).data.key.id)
  }
  await management.mutate('keys.revoke', { keyId: made[0], reason: 'gone' })
})
afterAll(() => management.database.drop())

interface Event {
  sequence: number
  action: string
  target: string
}

const list = (more: object = {}) => management.query('audit.list', { workspaceId, ...more })
const sequences = async (more: object) => (await list(more)).data.data.map(({ sequence }: Event) => sequence)

test('audit.list tells who changed what, as it was and as it is, newest first', async () => {
  const { data } = (await list()).data
  expect(data.map(({ sequence }: Event) => sequence)).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
  expect(data[0]).toMatchObject({
    workspaceId, at: '2026-11-22T14:30:00.000Z', actor: keyIdOf(management.rootKey), action: 'keys.revoke', target: made[0], ip: '127.0.0.1',
    before: { status: 'active' }, after: { status: 'revoked', revokedReason: 'gone' },
    requestId: expect.stringMatching(/^req_/), hash: expect.stringMatching(/^[0-9a-f]{64}$/), previousHash: data[1].hash,
  })
})

test('audit.list filters and pages by the number of the row', async () => {
  expect(await sequences({ target: made[0] })).toEqual([8, 2])
  expect(await sequences({ action: 'keys.create', limit: 2 })).toEqual([7, 6])
  expect(await sequences({ actor: newId('key') })).toEqual([])
  expect(await sequences({ from: '2026-11-22T10:30:00Z', to: '2026-11-22T12:30:00Z' })).toEqual([4, 3])
  const seen: number[] = []
  for (let cursor: string | null = null; ;) {
    const page: { data: Event[]; hasMore: boolean; nextCursor: string } = (await list({ limit: 3, ...(cursor !== null && { cursor }) })).data
    seen.push(...page.data.map(({ sequence }) => sequence))
    if (!page.hasMore) break
    cursor = page.nextCursor
  }
  expect(seen).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
  expect((await list({ cursor: 'abc' })).error.data.issues[0].path).toBe('cursor')
  expect((await list({ workspaceId: newId('workspace') })).status).toBe(404)
})

test('audit.list shows the log of the installation to those who ask for no workspace', async () => {
  const { data } = (await management.query('audit.list', { workspaceId: null })).data
  expect(data.every(({ workspaceId: of }: { workspaceId: null }) => of === null)).toBe(true)
  await management.mutate('rootKeys.create', { name: 'Auditor', scopes: ['audit:read'] })
  expect((await management.query('audit.list', { workspaceId: null })).data.data[0]).toMatchObject({ action: 'rootKeys.create', workspaceId: null })
})

test('audit.verify answers the end of an intact log, and finds an earlier end in it', async () => {
  const { data } = await management.query('audit.verify', { workspaceId })
  expect(data).toEqual({ intact: true, events: 8, head: { sequence: 8, hash: expect.stringMatching(/^[0-9a-f]{64}$/) } })
  expect((await management.query('audit.verify', { workspaceId, expectedHead: data.head })).data.intact).toBe(true)
  const other = { sequence: 8, hash: '0'.repeat(64) }
  expect((await management.query('audit.verify', { workspaceId, expectedHead: other })).data).toMatchObject({ intact: false, fault: 'replaced', brokenAt: 8 })
  expect((await management.query('audit.verify', { workspaceId: null })).data.intact).toBe(true)
  expect((await management.query('audit.verify', { workspaceId, expectedHead: { sequence: 1, hash: 'x' } })).error.data.issues[0].path).toBe('expectedHead.hash')
})

test('audit.verify says which row of which workspace was touched', async () => {
  const { workspace } = (await management.mutate('workspaces.create', { name: 'Touched' })).data
  for (let index = 0; index < 4; index++) await management.mutate('keys.create', { workspaceId: workspace.id, mode: 'test', name: 'CI' })
  const [, , third] = (await management.query('audit.list', { workspaceId: workspace.id })).data.data
  await sql`update audit_events set actor = 'key_somebody' where workspace_id = ${workspace.id} and sequence = 3`.execute(management.db)
  const ask = () => management.query('audit.verify', { workspaceId: workspace.id }).then(({ data }) => data)
  expect(await ask()).toEqual({ intact: false, fault: 'changed', brokenAt: 3, eventId: third.id })
  await sql`delete from audit_events where workspace_id = ${workspace.id} and sequence >= 3`.execute(management.db)
  expect(await ask()).toEqual({ intact: false, fault: 'cut', brokenAt: 3, eventId: null })
  await management.mutate('keys.create', { workspaceId: workspace.id, mode: 'test', name: 'CI' })
  expect(await ask()).toEqual({ intact: false, fault: 'missing', brokenAt: 3, eventId: null })
  expect((await management.query('audit.verify', { workspaceId })).data.intact).toBe(true)
})

const download = (search: string, key: string | null = management.rootKey) =>
  management.app.request(`/audit/export${search}`, { headers: key === null ? {} : { authorization: `Bearer ${key}` } })

async function linesOf(response: Response) {
  const text = await response.text()
  expect(text.endsWith('\n')).toBe(true)
  return text.trimEnd().split('\n').map((line) => JSON.parse(line))
}

test('GET /audit/export answers every row in order as JSON Lines, and last how many and the end', async () => {
  const response = await download(`?workspaceId=${workspaceId}`)
  expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([200, 'application/jsonl; charset=utf-8', 'no-store'])
  const all = await linesOf(response)
  const { head } = (await management.query('audit.verify', { workspaceId })).data
  expect(all.slice(0, -1)).toEqual((await list({ limit: 100 })).data.data.toReversed())
  expect(all.at(-1)).toEqual({ end: true, count: 8, after: 0, head })
  const rest = await linesOf(await download(`?workspaceId=${workspaceId}&after=6`))
  expect(rest).toEqual([all[6], all[7], { end: true, count: 2, after: 6, head }])
  expect(await linesOf(await download(`?workspaceId=${workspaceId}&after=8`))).toEqual([{ end: true, count: 0, after: 8, head }])
  expect((await linesOf(await download(''))).at(-1)).toMatchObject({ end: true, head: { sequence: expect.any(Number) } })
})

test('an exported file proves itself, as docs/management/audit.md says', async () => {
  const all = await linesOf(await download(`?workspaceId=${workspaceId}`))
  let previousHash = '0'.repeat(64)
  for (const { hash, previousHash: linked, workspaceId: workspace_id, requestId: request_id, ...row } of all.slice(0, -1)) {
    const facts = JSON.stringify({ ...row, workspace_id, request_id }, sorted)
    expect([linked, createHash('sha256').update(previousHash, 'hex').update(facts).digest('hex')]).toEqual([previousHash, hash])
    previousHash = hash
  }
  expect(all.at(-1).head.hash).toBe(previousHash)

  function sorted(_name: string, value: unknown): unknown {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
})

test('GET /audit/export is refused as every procedure is', async () => {
  const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code]
  expect(await codeOf(await download('', null))).toEqual([401, 'missing_key'])
  const without = await management.addRootKey(rootScopeNames.filter((scope) => scope !== 'audit:read'))
  expect(await codeOf(await download('', without))).toEqual([403, 'insufficient_scope'])
  expect(await codeOf(await download('?workspaceId=x'))).toEqual([400, 'invalid_request'])
  expect(await codeOf(await download('?after=-1'))).toEqual([400, 'invalid_request'])
  expect(await codeOf(await download('?after=1&after=2'))).toEqual([400, 'invalid_request'])
  expect(await codeOf(await download('?surely=not'))).toEqual([400, 'invalid_request'])
  expect(await codeOf(await download(`?workspaceId=${newId('workspace')}`))).toEqual([404, 'not_found'])
  expect(await codeOf(await management.app.request('/audit/export', { method: 'POST' }))).toEqual([405, 'method_not_allowed'])
})

test('GET /audit/export reads no further than a slow reader has read, and holds no connection for him', async () => {
  const { workspace } = (await management.mutate('workspaces.create', { name: 'Big' })).data
  await sql`insert into audit_events select workspace_id, n, 'aud_' || n, at, actor, action, target, jsonb_build_object('text', repeat('x', 400)), after, ip, request_id, n, previous_hash, hash
    from audit_events, generate_series(2, 50000) n where workspace_id = ${workspace.id} and sequence = 1`.execute(management.db)
  await sql`update audit_heads set sequence = 50000 where workspace_id = ${workspace.id}`.execute(management.db)
  await sql`analyze audit_events`.execute(management.db)
  const listener = await listen({ host: '127.0.0.1', port: 0, portVariable: 'LETTERLOCK_MANAGEMENT_PORT', fetch: management.app.fetch })
  const rowsRead = async () => {
    const { rows: [row] } = await sql<{ rows: number }>`select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::bigint as rows from pg_stat_user_tables where relname = 'audit_events'`.execute(management.db)
    return row?.rows ?? 0
  }
  const before = await settled(rowsRead)
  const request = http.get(`${listener.url}/audit/export?workspaceId=${workspace.id}`, { headers: { authorization: `Bearer ${management.rootKey}` }, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.pause()
  const readWhileSlow = (await settled(rowsRead)) - before
  expect(readWhileSlow).toBeGreaterThan(0)
  expect(readWhileSlow).toBeLessThan(30_000)
  const { rows: busy } = await sql`select from pg_stat_activity where datname = current_database() and state like '%in transaction%' and pid <> pg_backend_pid()`.execute(management.db)
  expect(busy).toEqual([])
  let [count, last] = [-1, '']
  for await (const line of createInterface({ input: response })) {
    count++
    last = line
  }
  expect([count, JSON.parse(last)]).toEqual([50_000, { end: true, count: 50_000, after: 0, head: { sequence: 50_000, hash: expect.any(String) } }])
  await listener.drain()
}, 60_000)

/** What a figure comes to rest at. */
async function settled(read: () => Promise<number>): Promise<number> {
  let [last, times] = [-1, 0]
  await vi.waitFor(async () => {
    const now = await read()
    times = now === last ? times + 1 : 0
    last = now
    if (times < 8) throw new Error('still moving')
  }, { timeout: 20_000, interval: 150 })
  return last
}
