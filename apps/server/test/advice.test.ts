import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let workspaceId: string
beforeAll(async () => {
  server = await startTestServer()
  workspaceId = (await server.manage('workspaces.create', { name: 'Acme' })).body.result.data.workspace.id
})
afterAll(() => server.stop())

const all = ['contacts:read', 'contacts:write', 'lists:read', 'lists:write', 'campaigns:read', 'emails:send']

const mutate = async (procedure: string, input: object) => {
  const { status, body } = await server.manage(procedure, input)
  return { status, data: body.result?.data, code: body.error?.data.code as string | undefined }
}
const query = async (procedure: string, input: object) => {
  const { body } = await server.manage(procedure, input, { query: true })
  if (body.error) throw new Error(JSON.stringify(body.error))
  return body.result.data
}

async function createKey(input: object = {}) {
  const { key, secret } = (await mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', scopes: all, ...input })).data
  return { keyId: key.id as string, secret: secret as string }
}

/** What a client does on a day like any other; answers the codes of what was refused. */
async function work(key: string): Promise<string[]> {
  const answers = [
    await server.call('GET', '/contacts', { key }),
    await server.call('POST', '/contacts', { key, body: { email: `ada-${Math.floor(performance.now() * 1e6)}@example.com` } }),
    await server.call('GET', '/contacts/nobody@example.com', { key }),
    await server.call('POST', '/contacts', { key, body: { email: 'not an address' } }),
    await server.call('GET', '/lists', { key }),
    await server.call('GET', '/key', { key }),
  ]
  return answers.flatMap(({ status, body }) => (status === 401 || status === 403 || status === 429 ? [body.code as string] : []))
}

/** Usage is saved once a second. */
async function untilCounted(keyId: string, requests: number): Promise<void> {
  for (const until = performance.now() + 15_000; performance.now() < until;) {
    if ((await query('advice.leastPrivilege', { keyId })).scopes.requests >= requests) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${requests} requests were not counted in time`)
}

test('the advice replayed over the recorded requests refuses none, accepted it refuses none of the same traffic, and it can be taken back', async () => {
  const { keyId, secret } = await createKey()
  for (let turn = 0; turn < 5; turn++) expect(await work(secret)).toEqual([])
  await untilCounted(keyId, 30)
  const advice = await query('advice.leastPrivilege', { keyId })
  expect(advice).toMatchObject({
    keyId, dropped: 0,
    scopes: { proposed: ['contacts:read', 'contacts:write', 'lists:read'], unused: ['lists:write', 'campaigns:read', 'emails:send'], wouldRefuse: 0, requests: 30 },
    addresses: { proposed: ['127.0.0.0/24'], observed: [{ range: '127.0.0.0/24', requests: 30 }] },
    explanation: 'The smaller set would have refused 0 of 30 requests; these 3 scopes were never used: lists:write, campaigns:read, emails:send.',
  })
  const { proposed: scopes } = advice.scopes
  const stoppedBy = async (trial: object) => {
    const { findings, lookedAt } = await query('policies.whatIf', { workspaceId, keyId, days: 1, ...trial })
    return { stopped: findings.reduce((sum: number, { stopped }: { stopped: number }) => sum + stopped, 0), lookedAt }
  }
  for (const trial of [{ scopes }, { ipAllow: advice.addresses.proposed }, { rateLimits: [advice.rateLimit.proposed] }]) {
    expect(await stoppedBy(trial)).toEqual({ stopped: 0, lookedAt: 30 })
  }
  for (const lost of scopes) {
    const { stopped } = await stoppedBy({ scopes: scopes.filter((scope: string) => scope !== lost) })
    expect([lost, stopped > 0]).toEqual([lost, true])
  }

  const accepted = await mutate('advice.accept', { keyId, parts: ['scopes', 'addresses', 'rateLimit'] })
  expect(accepted.data.key).toMatchObject({ scopes, ipAllow: ['127.0.0.0/24'], rateLimits: [advice.rateLimit.proposed] })
  for (let turn = 0; turn < 5; turn++) expect(await work(secret)).toEqual([])
  expect((await server.call('POST', '/lists', { key: secret, body: { name: 'New' } })).body.code).toBe('insufficient_scope')

  const undone = await mutate('advice.undo', { keyId })
  expect(undone.data.key).toMatchObject({ scopes: all, ipAllow: [], rateLimits: [] })
  expect((await server.call('POST', '/lists', { key: secret, body: { name: 'New' } })).status).toBe(201)
  expect((await mutate('advice.undo', { keyId })).code).toBe('invalid_state')
  const { data } = await query('audit.list', { workspaceId, target: keyId })
  expect(data.map(({ action }: { action: string }) => action)).toEqual(['advice.undo', 'advice.accept', 'keys.create'])
}, 60_000)

describe('advice.accept', () => {
  test('narrows what the key has itself, and takes a role away only when told so', async () => {
    const { role } = (await mutate('roles.create', { workspaceId, name: 'Reader', scopes: ['lists:read', 'campaigns:read'] })).data
    const { keyId, secret } = await createKey({ scopes: ['contacts:read', 'emails:send'], roleId: role.id })
    for (const path of ['/contacts', '/lists']) await server.call('GET', path, { key: secret })
    await untilCounted(keyId, 2)
    const kept = await mutate('advice.accept', { keyId, parts: ['scopes'] })
    expect(kept.data.key).toMatchObject({ scopes: ['contacts:read'], roleId: role.id, effectiveScopes: ['contacts:read', 'lists:read', 'campaigns:read'] })
    const detached = await mutate('advice.accept', { keyId, parts: ['scopes'], detachRole: true })
    expect(detached.data.key).toMatchObject({ scopes: ['contacts:read', 'lists:read'], roleId: null })
    expect((await mutate('advice.undo', { keyId })).data.key).toMatchObject({ scopes: ['contacts:read'], roleId: role.id })
  }, 60_000)

  test('changes nothing twice, and refuses where there is no proposal, where the key is revoked, and what may not be granted', async () => {
    const { keyId } = await createKey()
    expect((await mutate('advice.accept', { keyId, parts: ['addresses'] })).code).toBe('invalid_state')
    expect((await mutate('advice.accept', { keyId, parts: ['rateLimit'] })).code).toBe('invalid_state')
    expect((await mutate('advice.accept', { keyId, parts: [] })).code).toBe('invalid_request')
    const first = await mutate('advice.accept', { keyId, parts: ['scopes'] })
    expect(first.data.key.scopes).toEqual([])
    expect((await mutate('advice.accept', { keyId, parts: ['scopes'] })).data.revision).toBe(first.data.revision)
    const { secret: bounded } = (await mutate('rootKeys.create', { name: 'Bounded', scopes: ['keys:write'], grants: ['lists:read'] })).data
    const undo = await server.manage('advice.undo', { keyId }, { key: bounded })
    expect(undo.status).toBe(403)
    await mutate('keys.revoke', { keyId })
    expect((await mutate('advice.accept', { keyId, parts: ['scopes'] })).code).toBe('invalid_state')
    expect((await mutate('advice.undo', { keyId })).code).toBe('invalid_state')
  })

  test('is not taken back when the key was changed since', async () => {
    const { keyId } = await createKey()
    await mutate('advice.accept', { keyId, parts: ['scopes'] })
    await mutate('keys.update', { keyId, scopes: ['lists:read'] })
    expect((await mutate('advice.undo', { keyId })).code).toBe('invalid_state')
    expect((await query('keys.get', { keyId })).key.scopes).toEqual(['lists:read'])
  })

  test('proposes no scopes for a key that others verify here, and says why', async () => {
    const { keyId, secret } = await createKey()
    await server.manage('keys.verify', { key: secret, scope: 'contacts:read' })
    await untilCounted(keyId, 1)
    const { scopes, explanation } = await query('advice.leastPrivilege', { keyId })
    expect([scopes.proposed, explanation]).toEqual([null, expect.stringContaining('is not known')])
    expect((await mutate('advice.accept', { keyId, parts: ['scopes'] })).code).toBe('invalid_state')
  }, 60_000)
})

test('keys.dependents tells who uses a key, with what and for what, and is empty for one that nobody uses', async () => {
  const { keyId, secret } = await createKey()
  expect(await query('keys.dependents', { keyId })).toMatchObject({ requests: 0, callers: [], isComplete: true })
  const as = (userAgent: string, path: string) => server.call('GET', path, { key: secret, headers: { 'user-agent': userAgent } })
  await as('letterlock-js/1.2.3 node', '/contacts')
  await as('letterlock-js/1.2.3 node', '/contacts')
  await as('letterlock-js/1.2.3 node', '/lists')
  await as('curl/8', '/lists')
  await untilCounted(keyId, 4)
  const { callers, requests } = await query('keys.dependents', { keyId })
  expect(requests).toBe(4)
  expect(callers).toMatchObject([
    { ip: '127.0.0.1', userAgent: 'curl/8', sdk: null, requests: 1, operations: [{ operation: 'lists.list', requests: 1 }] },
    { userAgent: 'letterlock-js/1.2.3 node', sdk: { name: 'letterlock-js', version: '1.2.3' }, requests: 3, operations: [{ operation: 'contacts.list', requests: 2 }, { operation: 'lists.list', requests: 1 }] },
  ])
  const unknown = await server.manage('keys.dependents', { keyId: 'key_01k8zv3hq5e7tbd6j2m9w4xypn' }, { query: true })
  expect(unknown.status).toBe(404)
}, 60_000)
