// A service on Node that protects its own API, behind each of the doors; and its tests.
import { definePeppers, digestKey, type KeyDigest } from '@letterlock/keys/digest'
import { letterlockKeys } from '@letterlock/keys'
import { parseLetterlockKey } from '@letterlock/keys/read'
import { memoryLimits, type OutcomeCode, type Verifier } from '@letterlock/verifier'
import { keyOf as keyOfExpress, requireKey as requireKeyOfExpress } from '@letterlock/verifier/express'
import { keyOf as keyOfFastify, requireKey as requireKeyOfFastify } from '@letterlock/verifier/fastify'
import { guard, type KeyVariables, requireKey as requireKeyOfHono } from '@letterlock/verifier/hono'
import { connectVerifier } from '@letterlock/verifier/remote'
import { createTestServer, scoreProgram, type ScenarioName, type TestServer } from '@letterlock/testing'
import fastify from 'fastify'
import { Hono } from 'hono'
import { createServer } from 'node:http'

const clock = () => new Date()
const verifier: Verifier = connectVerifier({ url: 'https://keys.acme.example', rootKey: 'from a vault', clock, takeTokens: memoryLimits({ clock }).takeTokens })
const options = { verify: verifier.verify, scope: 'contacts:read', clock }

export const hono = new Hono<{ Variables: KeyVariables }>()
hono.use('/v1/*', requireKeyOfHono(options))
hono.get('/v1/contacts', (c) => c.json({ workspaceId: c.var.key.workspaceId }))
hono.get('/v2/contacts', guard(options, (c, { keyId }) => c.json({ keyId })))

export const app = fastify()
app.get('/v1/contacts', { onRequest: requireKeyOfFastify(options) }, async (request) => ({ keyId: keyOfFastify(request).keyId }))

const door = requireKeyOfExpress(options)
export const server = createServer((request, response) => door(request, response, () => response.end(keyOfExpress(request).keyId)))

export async function codeOf(key: string): Promise<OutcomeCode> {
  return (await verifier.verify({ key, modes: ['live'], scope: 'contacts:read', ip: null })).code
}

const [pepper] = definePeppers([{ version: '1', secret: new Uint8Array(32) }])
export const digest: KeyDigest = digestKey(letterlockKeys.issue({ mode: 'live' }).token, pepper).digest
export const isKey: boolean = parseLetterlockKey('nothing').ok

// @ts-expect-error a mode that there is not
export const refused = () => verifier.verify({ key: '', modes: ['production'], scope: null, ip: null })

export async function codesSeen(): Promise<string[]> {
  const testServer: TestServer = await createTestServer({ now: '2026-11-26T09:00:00Z' })
  const key = testServer.keys.create({ scopes: ['contacts:read'], expires: '30d' })
  testServer.faults.add('unavailable', { times: 1, operation: 'contacts.list' })
  await testServer.webhooks.send('contact.deleted', { id: key.id, email: 'ada@example.com' })
  await testServer[Symbol.asyncDispose]()
  return testServer.requests.map(({ outcome }) => outcome)
}

export async function weaknesses(): Promise<ScenarioName[]> {
  const { scenarios } = await scoreProgram(({ baseUrl, readKey }) => ({ work: () => fetch(baseUrl, { headers: { authorization: readKey() } }) }), { scenarios: ['rotation'] })
  return scenarios.filter(({ passed }) => !passed).map(({ name }) => name)
}
