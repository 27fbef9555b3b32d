import { keys } from '@letterlock/db'
import { createTRPCClient, httpBatchLink, type TRPCClientError } from '@trpc/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AppRouter } from '../../src/management/app-router.ts'
import { issueSecret } from '../../src/management/issue-secret.ts'
import { createTestManagement, keyIdOf, type TestManagement } from './test-management.ts'

let management: TestManagement
let workspaceId: string
beforeAll(async () => {
  management = await createTestManagement()
  workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id
})
afterAll(() => management.database.drop())

interface Call {
  readonly procedure: string
  readonly input?: unknown
}

/** Sends calls as one batch, as the wire has it. */
async function send(type: 'query' | 'mutation', calls: readonly Call[], key: string | null = management.rootKey) {
  const names = calls.map(({ procedure }) => procedure).join(',')
  const inputs = JSON.stringify(Object.fromEntries(calls.map(({ input }, index) => [index, input])))
  const path = `/trpc/${names}?batch=1${type === 'query' ? `&input=${encodeURIComponent(inputs)}` : ''}`
  const headers = { 'content-type': 'application/json', ...(key !== null && { authorization: `Bearer ${key}` }) }
  const response = await management.app.request(path, { headers, ...(type === 'mutation' && { method: 'POST', body: inputs }) })
  const answers = (await response.json()) as { result?: { data: any }; error?: any }[] // oxlint-disable-line no-explicit-any -- the wire is under test
  return { status: response.status, headers: response.headers, answers, ids: response.headers.get('x-request-id')?.split(', ') ?? [] }
}

test('a batch fails in its forbidden, wrong, unknown and ill-typed calls alone, each with its own request id', async () => {
  const key = await management.addRootKey(['workspaces:read', 'keys:read'])
  const { status, answers, ids, headers } = await send('query', [
    { procedure: 'workspaces.get', input: { workspaceId } },
    { procedure: 'audit.list', input: { workspaceId } },
    { procedure: 'keys.list', input: { workspaceId, limit: 0 } },
    { procedure: 'keys.nothing' },
    { procedure: 'keys.create', input: {} },
    { procedure: 'workspaces.list' },
  ], key)
  expect(status).toBe(207)
  expect(headers.get('cache-control')).toBe('no-store')
  expect(answers.map(({ error }) => error?.data.code ?? 'ok')).toEqual(['ok', 'insufficient_scope', 'invalid_request', 'not_found', 'method_not_allowed', 'ok'])
  expect(answers[0]?.result?.data.workspace.id).toBe(workspaceId)
  expect(new Set(ids).size).toBe(6)
  for (const [index, { error }] of answers.entries()) if (error) expect(error.data.requestId).toBe(ids[index])
})

test('a batch of mutations runs in its order, each in a transaction with its own revision and audit row', async () => {
  const { status, answers, ids } = await send('mutation', [
    { procedure: 'keys.create', input: { workspaceId, mode: 'live', name: 'First' } },
    { procedure: 'keys.create', input: { workspaceId, mode: 'live' } },
    { procedure: 'keys.create', input: { workspaceId, mode: 'live', name: 'Third' } },
  ])
  expect([status, answers.map(({ result }) => result !== undefined)]).toEqual([207, [true, false, true]])
  const rows = await management.db.selectFrom('audit_events').select(['target', 'request_id', 'revision']).where('request_id', 'in', ids).orderBy('sequence').execute()
  const made = [answers[0], answers[2]].map((answer) => answer?.result?.data)
  expect(rows).toEqual([
    { target: made[0].key.id, request_id: ids[0], revision: made[0].revision },
    { target: made[1].key.id, request_id: ids[2], revision: made[1].revision },
  ])
  expect(made[1].revision).toBe(made[0].revision + 1)
})

test('a batch has the status that its calls share', async () => {
  expect((await send('query', [{ procedure: 'scopes.list' }, { procedure: 'scopes.list' }])).status).toBe(200)
  const refused = await send('query', [{ procedure: 'scopes.list' }, { procedure: 'scopes.list' }], null)
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Bearer/)])
})

test('a batch costs the limits of its key once for each call, and counts each call without a key', async () => {
  const { token, keyId, secret } = issueSecret(management, 'root', management.state.now)
  const facts = { name: 'Slow', purpose: null, scopes: ['scopes:read'], ipAllow: [], expiresAt: null, createdBy: null, now: management.state.now }
  const rateLimits = [{ name: 'calls', limit: '3/1h' }]
  await management.db.transaction().execute((tx) => keys.insertRootKey(tx, { id: keyId, ...facts, rateLimits, secret }))
  const calls = Array.from({ length: 5 }, () => ({ procedure: 'scopes.list' }))
  const { status, answers, headers } = await send('query', calls, token)
  expect(status).toBe(207)
  expect(answers.map(({ error }) => error?.data.code ?? 'ok').sort()).toEqual(['ok', 'ok', 'ok', 'rate_limited', 'rate_limited'])
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  management.attempts.splice(0)
  await send('query', calls, null)
  expect(management.attempts).toHaveLength(5)
})

test('a batch with a key in its URL is refused whole, whichever call had it', async () => {
  const { status, answers } = await send('query', [{ procedure: 'scopes.list' }, { procedure: 'keys.list', input: { note: management.rootKey } }])
  expect([status, answers.map(({ error }) => error.data.code)]).toEqual([401, ['key_in_url', 'key_in_url']])
})

test('httpBatchLink() of @trpc/client puts calls together, and gets each answer and each failure', async () => {
  const sent: string[] = []
  const client = createTRPCClient<AppRouter>({
    links: [httpBatchLink({
      url: 'http://letterlock.test/trpc',
      maxItems: 20,
      headers: { authorization: `Bearer ${await management.addRootKey(['workspaces:read', 'keys:write'])}` },
      fetch: async (url, init) => {
        sent.push(new URL(String(url)).pathname)
        return management.app.request(String(url), init as RequestInit) // one shape, two names
      },
    })],
  })
  const id = workspaceId as Parameters<typeof client.workspaces.get.query>[0]['workspaceId'] // as it was answered
  const [got, refused, listed] = await Promise.allSettled([
    client.workspaces.get.query({ workspaceId: id }), client.keys.list.query({ workspaceId: id }), client.workspaces.list.query(),
  ])
  expect(sent).toEqual(['/trpc/workspaces.get,keys.list,workspaces.list'])
  expect(got).toMatchObject({ status: 'fulfilled', value: { workspace: { id: workspaceId } } })
  expect((refused as PromiseRejectedResult).reason as TRPCClientError<AppRouter>).toMatchObject({ data: { code: 'insufficient_scope' } })
  expect(listed).toMatchObject({ status: 'fulfilled', value: { hasMore: false } })
  const made = await Promise.all(['A', 'B'].map((name) => client.keys.create.mutate({ workspaceId: id, mode: 'test', name })))
  expect(sent.at(-1)).toBe('/trpc/keys.create,keys.create')
  expect(made.map(({ key, secret }) => [key.name, keyIdOf(secret) === key.id])).toEqual([['A', true], ['B', true]])
})
