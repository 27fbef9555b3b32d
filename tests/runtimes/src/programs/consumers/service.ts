// A service on Node that protects its own API, behind each of the doors.
import { definePeppers, digestKey, type KeyDigest } from '@letterlock/keys/digest'
import { letterlockKeys } from '@letterlock/keys'
import { parseLetterlockKey } from '@letterlock/keys/read'
import { memoryLimits, type OutcomeCode, type Verifier } from '@letterlock/verifier'
import { keyOf as keyOfExpress, requireKey as requireKeyOfExpress } from '@letterlock/verifier/express'
import { keyOf as keyOfFastify, requireKey as requireKeyOfFastify } from '@letterlock/verifier/fastify'
import { guard, type KeyVariables, requireKey as requireKeyOfHono } from '@letterlock/verifier/hono'
import { connectVerifier } from '@letterlock/verifier/remote'
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
