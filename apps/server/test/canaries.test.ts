import { letterlockKeys } from '@letterlock/keys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let workspaceId: string
beforeAll(async () => {
  server = await startTestServer()
  workspaceId = (await server.manage('workspaces.create', { name: 'Acme' })).body.result.data.workspace.id
})
afterAll(() => server.stop())

const query = async (procedure: string, input: object) => (await server.manage(procedure, input, { query: true })).body.result.data.data

async function createCanary(input: object = {}) {
  const { canary, secret } = (await server.manage('canaries.create', { workspaceId, name: 'Bait', ...input })).body.result.data
  return { canary, id: canary.id as string, secret: secret as string }
}

const use = (key: string, userAgent = 'curl/8') => server.call('GET', '/contacts', { key, headers: { 'user-agent': userAgent } })
const usesOf = async (id: string) => (await query('canaries.list', { workspaceId, limit: 100 })).find((each: { id: string }) => each.id === id)
const alertsOf = (subject: string) => query('alerts.list', { workspaceId, kind: 'canary.used', subject })

/** What is noted beside the answer. */
async function untilUsed(id: string, uses: number): Promise<void> {
  for (const until = performance.now() + 10_000; performance.now() < until;) {
    if ((await usesOf(id)).uses >= uses) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`${uses} uses were not noted in time`)
}

describe('a canary', () => {
  test('looks like a key, opens nothing, and is refused as a key that never was', async () => {
    const { secret, canary } = await createCanary({ place: 'wiki: Deployment' })
    expect(letterlockKeys.parse(secret)).toMatchObject({ ok: true, mode: 'live', keyId: canary.id })
    expect(canary).toMatchObject({ workspaceId, name: 'Bait', place: 'wiki: Deployment', uses: 0, firstUsedAt: null, lastUse: null, revokedAt: null })
    const answers = []
    for (const key of [secret, letterlockKeys.issue({ mode: 'live' }).token]) {
      const { status, body, headers } = await use(key)
      answers.push(JSON.stringify([status, { ...body, requestId: '' }, [...headers.keys()].sort()]))
    }
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('invalid_key')
    expect((await server.manage('keys.get', { keyId: canary.id }, { query: true })).status).toBe(404)
  })

  test('raises an alert at its first use, with all that is known of who used it, and one a day for each address', async () => {
    const { id, secret } = await createCanary({ place: 'repository acme/app' })
    const { headers } = await use(secret, 'python-requests/2.32')
    await untilUsed(id, 1)
    expect(await alertsOf(id)).toMatchObject([{
      kind: 'canary.used', subject: id,
      detail: { name: 'Bait', place: 'repository acme/app', ip: '127.0.0.1', userAgent: 'python-requests/2.32', operation: 'contacts.list', requestId: headers.get('x-request-id'), uses: 1 },
    }])
    await use(secret)
    await untilUsed(id, 2)
    expect(await alertsOf(id)).toHaveLength(1)
    expect(await usesOf(id)).toMatchObject({ uses: 2, lastUse: { ip: '127.0.0.1', userAgent: 'curl/8' } })
    expect(server.output()).not.toContain(secret)
  })

  test('is noticed where others verify keys, and where it is exchanged for a token', async () => {
    const { id, secret } = await createCanary()
    await server.manage('keys.verify', { key: secret, ip: '203.0.113.66' })
    await untilUsed(id, 1)
    expect((await alertsOf(id))[0].detail).toMatchObject({ operation: 'keys.verify', ip: '203.0.113.66' })
    await fetch(`${server.apiUrl}/oauth/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_secret: secret }) })
    await untilUsed(id, 2)
    expect((await alertsOf(id)).map(({ detail }: { detail: { operation: string } }) => detail.operation)).toEqual(['oauth.token', 'keys.verify'])
  })

  test('rests when it is revoked, once', async () => {
    const { id, secret } = await createCanary()
    const first = await server.manage('canaries.revoke', { canaryId: id })
    expect(first.body.result.data.canary.revokedAt).toEqual(expect.any(String))
    expect((await server.manage('canaries.revoke', { canaryId: id })).body.result.data).toEqual(first.body.result.data)
    const awake = await createCanary()
    await use(secret)
    await use(awake.secret)
    await untilUsed(awake.id, 1) // which was looked up after it
    expect([(await usesOf(id)).uses, await alertsOf(id)]).toEqual([0, []])
    expect((await server.manage('canaries.revoke', { canaryId: 'key_01k8zv3hq5e7tbd6j2m9w4xypn' })).status).toBe(404)
  })

  test('is noticed among many keys that were made up', async () => {
    const { id, secret } = await createCanary()
    for (let turn = 0; turn < 20; turn++) await Promise.all(Array.from({ length: 10 }, () => use(letterlockKeys.issue({ mode: 'live' }).token)))
    await use(secret)
    await untilUsed(id, 1)
  })
})

test('canaries.list shows pages of one workspace, newest first', async () => {
  const other = (await server.manage('workspaces.create', { name: 'Other' })).body.result.data.workspace.id
  const made: string[] = []
  for (let turn = 0; turn < 3; turn++) {
    made.unshift((await createCanary({ workspaceId: other, mode: 'test' })).id)
    await new Promise((resolve) => setTimeout(resolve, 2)) // ids sort by the millisecond
  }
  const page = async (input: object) => (await server.manage('canaries.list', { workspaceId: other, limit: 2, ...input }, { query: true })).body.result.data
  const first = await page({})
  const second = await page({ cursor: first.nextCursor })
  expect([...first.data, ...second.data].map(({ id }: { id: string }) => id)).toEqual(made)
})
