import { type KeyId, rootScopeNames } from '@letterlock/contract'
import { keys, type KeyStore, openKeyStore, revisions } from '@letterlock/db'
import { createTestDatabase } from '@letterlock/db/testing'
import { letterlockKeys } from '@letterlock/keys'
import { definePeppers } from '@letterlock/keys/digest'
import { createVerifier, keyRecord, type KeyRead, localProver, memoryLimits } from '@letterlock/verifier'
import { randomBytes } from 'node:crypto'
import pino from 'pino'
import type { Attempt, Use } from '../../src/jobs/usage-recorder.ts'
import { issueSecret } from '../../src/management/issue-secret.ts'
import { managementApp } from '../../src/management/management-app.ts'
import { noteRootKeyUse } from '../../src/management/note-root-key-use.ts'

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
  const store = openKeyStore({ connectionString: database.connectionString, max: 2, applicationName: 'letterlock-test' })
  const proveToken = localProver({ peppers, readKey: (keyId) => readKey(store, keyId) })
  const { takeTokens } = memoryLimits({ clock })
  const pollChanges = async () => ({ revision: await revisions.currentRevision(db), changes: 'all' as const })
  const verifier = createVerifier({ keyFormat: letterlockKeys, proveToken, pollChanges, takeTokens, clock, monotonic: () => performance.now() })
  const uses: Use[] = []
  const attempts: Attempt[] = []
  const publicUrl = () => 'https://app.test'
  const deps = { db, clock, keyFormat: letterlockKeys, peppers, verifier, recordUse: (use: Use) => void uses.push(use), publicUrl } // not started: each check reads
  const exposed: string[] = []
  const log = pino({ level: 'error' }, { write: (line) => void (state.log += line) })
  const app = managementApp({
    ...deps,
    noteUse: noteRootKeyUse({ db, log }),
    recordAttempt: (attempt) => void attempts.push(attempt),
    reportExposed: (token) => void exposed.push(token),
    clientIp: (peer) => peer,
    settle: async () => undefined,
    log,
  })

  const rootKey = await addRootKey(rootScopeNames)
  return { ...deps, app, log, proveToken, foreignPrefixes: { list: () => [] as readonly string[] }, database: { ...database, drop }, state, exposed, uses, attempts, rootKey, addRootKey, verify, query, mutate, send }

  async function drop() {
    await store.close()
    await database.drop()
  }

  /** What the verifier says of an API key. */
  async function verify(key: string, scope: string | null = null, ip: string | null = '127.0.0.1') {
    return verifier.verify({ key, modes: ['live', 'test'], scope, ip })
  }

  async function addRootKey(scopes: readonly string[], change: { expiresAt?: Date; grants?: readonly string[] } = {}): Promise<string> {
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

async function readKey(store: KeyStore, keyId: KeyId): Promise<KeyRead> {
  const { revision, found } = await store.readKey(keyId)
  if (!found) return { revision, stored: null }
  const { secrets, roleId, planId } = found
  const dependsOn = [roleId, planId].filter((id) => id !== null)
  return { revision, stored: { record: keyRecord({ ...found, keyId, dependsOn }, found), secrets } }
}
