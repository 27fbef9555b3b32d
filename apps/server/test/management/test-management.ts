import { type KeyId, rootScopeNames } from '@letterlock/contract'
import { keys } from '@letterlock/db'
import { createTestDatabase } from '@letterlock/db/testing'
import { letterlockKeys } from '@letterlock/keys'
import { definePeppers } from '@letterlock/keys/digest'
import { keyRecord, memoryLimits, verifyKey, type VerifierPorts } from '@letterlock/verifier'
import { randomBytes } from 'node:crypto'
import pino from 'pino'
import { issueSecret } from '../../src/management/issue-secret.ts'
import { managementApp } from '../../src/management/management-app.ts'

export interface ManagementAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // the wire is what is under test; each test says what it expects
  readonly data: any // oxlint-disable-line no-explicit-any
  readonly error: any // oxlint-disable-line no-explicit-any
}

type Options = { readonly key?: string | null; readonly headers?: Record<string, string> }

/** The management app alone, on a database of its own, with a clock that stands still. */
export async function createTestManagement() {
  const database = await createTestDatabase()
  const { db } = database
  const state = { now: new Date('2026-11-22T09:30:00.000Z'), log: '' }
  const clock = () => state.now
  const peppers = definePeppers([{ version: 'v1', secret: randomBytes(32) }])
  const ports: VerifierPorts = {
    keyFormat: letterlockKeys, peppers, clock,
    takeTokens: memoryLimits({ clock }).takeTokens,
    findKey: async (keyId) => {
      const found = await keys.findKeyForVerification(db, keyId)
      if (!found) return null
      const { key, workspaceStatus, secrets } = found
      const { name, mode, scopes, status } = key
      const owner = { workspaceId: key.workspace_id, environmentId: key.environment_id, workspaceStatus }
      const facts = { keyId, name, mode, scopes, status, ...owner, createdAt: key.created_at, expiresAt: key.expires_at }
      return { record: keyRecord(facts, { ipAllow: key.ip_allow, rateLimits: key.rate_limits }), secrets }
    },
  }
  const deps = { db, clock, keyFormat: letterlockKeys, peppers }
  const exposed: string[] = []
  const app = managementApp({
    ...deps,
    verify: (request) => verifyKey(ports, request),
    reportExposed: async (token) => void exposed.push(token),
    clientIp: (peer) => peer,
    log: pino({ level: 'error' }, { write: (line) => void (state.log += line) }),
  })

  const rootKey = await addRootKey(rootScopeNames)
  return { ...deps, app, database, state, ports, exposed, rootKey, addRootKey, query, mutate, send }

  async function addRootKey(scopes: readonly string[], change: { expiresAt?: Date } = {}): Promise<string> {
    const { token, keyId, secret } = issueSecret(deps, 'root', state.now)
    const facts = { name: 'Root', purpose: null, scopes, ipAllow: [], rateLimits: [], expiresAt: null, createdBy: null }
    await db.transaction().execute((tx) => keys.insertRootKey(tx, { id: keyId, ...facts, ...change, now: state.now, secret }))
    return token
  }

  function query(procedure: string, input?: unknown, options: Options = {}) {
    const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`
    return send(`/trpc/${procedure}${search}`, { method: 'GET' }, options)
  }

  function mutate(procedure: string, input: unknown, options: Options = {}) {
    const headers = { 'content-type': 'application/json' }
    return send(`/trpc/${procedure}`, { method: 'POST', body: JSON.stringify(input), headers }, options)
  }

  async function send(path: string, init: RequestInit, { key = rootKey, headers }: Options = {}): Promise<ManagementAnswer> {
    const sent = { ...(init.headers as Record<string, string>), ...(key !== null && { authorization: `Bearer ${key}` }), ...headers }
    const response = await app.request(path, { ...init, headers: sent })
    const text = await response.text()
    const body = JSON.parse(text) as { result?: { data: unknown }; error?: unknown }
    return { status: response.status, headers: response.headers, text, data: body.result?.data, error: body.error }
  }
}

export type TestManagement = Awaited<ReturnType<typeof createTestManagement>>

/** The id in a token. */
export function keyIdOf(token: string): KeyId {
  const parsed = letterlockKeys.parse(token)
  if (!parsed.ok) throw new Error('not a key')
  return parsed.keyId as string as KeyId // one shape, two brands
}
