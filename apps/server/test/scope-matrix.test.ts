import { operationIds, operations, productScopeNames } from '@letterlock/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeThings, type Sample, samples } from './operation-samples.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

async function createKey(scopes: readonly string[]): Promise<string> {
  const created = await server.manage('keys.create', { workspaceId: server.workspaceId, mode: 'live', name: 'matrix', scopes })
  return created.body.result.data.secret
}

describe.each(operationIds)('%s', (id) => {
  const { method, scope } = operations[id]
  const sample: Sample = samples[id]

  if (scope !== null) test('is refused to a key with every scope but its own', async () => {
    const others = productScopeNames.filter((name) => name !== scope)
    const key = await createKey(others)
    const things = await makeThings(server, server.liveKey)
    const answer = await server.call(method, sample.path(things), { key, body: sample.body?.(things) })
    expect(answer).toMatchObject({ status: 403, body: { code: 'insufficient_scope', requiredScope: scope } })
    expect(new Set(answer.body.keyScopes)).toEqual(new Set(others))
    expect(answer.headers.get('www-authenticate')).toContain(`scope="${scope}"`)
  })

  test('works with its scope alone', async () => {
    const key = await createKey(scope === null ? [] : [scope])
    const things = await makeThings(server, server.liveKey)
    const answer = await server.call(method, sample.path(things), { key, body: sample.body?.(things) })
    expect(Object.keys(operations[id].answers), answer.text).toContain(String(answer.status))
    const schema = (operations[id].answers as Record<number, { parse: (body: unknown) => unknown } | null>)[answer.status]
    expect(schema ? () => schema.parse(answer.body) : () => answer.text).not.toThrow()
  })
})
