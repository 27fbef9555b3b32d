import { rootScopeNames } from '@letterlock/contract'
import { keys, openChangeFeed, openKeyStore, revisions, secretVersions } from '@letterlock/db'
import { createTestDatabase } from '@letterlock/db/testing'
import { letterlockKeys } from '@letterlock/keys'
import { definePeppers } from '@letterlock/keys/digest'
import { createVerifier, localProver, memoryLimits, type RateLimitText } from '@letterlock/verifier'
import { Hono } from 'hono'
import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { listen } from '../../src/http/listen.ts'
import { refuseExposed } from '../../src/http/refuse-exposed.ts'
import type { Attempt, Use } from '../../src/jobs/usage-recorder.ts'
import { issueSecret } from '../../src/management/issue-secret.ts'
import { managementApp } from '../../src/management/management-app.ts'
import { followForeignPrefixes } from '../../src/foreign-prefixes.ts'
import { oauthApp } from '../../src/oauth/oauth-app.ts'
import { toKeyRead, toTokenRead } from '../../src/open-verifier.ts'
import { verifierApi } from '../../src/verifier-api/verifier-api.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // the wire is what is under test; each test says what it expects
  readonly body: any // oxlint-disable-line no-explicit-any
}

/** The management API and the API for verifiers elsewhere on a real port, on a database of its own. */
export async function startVerifierRig() {
  const database = await createTestDatabase()
  const { db, connectionString } = database
  const clock = () => new Date()
  const peppers = definePeppers([{ version: 'v1', secret: randomBytes(32) }])
  const store = openKeyStore({ connectionString, max: 4, applicationName: 'letterlock-test' })
  const feed = openChangeFeed({ connectionString, applicationName: 'letterlock-test', onNotify: () => verifier.wake() })
  const foreignPrefixes = followForeignPrefixes(() => store.listImportPrefixes())
  const proveToken = localProver({
    peppers,
    readKey: async (id) => toKeyRead(await store.readKey(id)),
    readAccessToken: async (id) => toTokenRead(await store.readAccessToken(id), id),
    readForeignKey: async (lookups) => toKeyRead(await store.readForeignKey(lookups)),
  })
  const verifier = createVerifier({
    keyFormat: letterlockKeys, proveToken, clock,
    foreignPrefixes: foreignPrefixes.list,
    pollChanges: async (after, signal, stamp) => foreignPrefixes.after(await feed.poll(after, signal, stamp)),
    takeTokens: memoryLimits({ clock }).takeTokens,
    takeQuota: async () => ({ ok: false, limit: 10, used: 10, resetsAt: null }),
    monotonic: () => performance.now(),
  })
  await verifier.start()
  const state = { log: '' }
  const log = pino({ level: 'warn' }, { write: (line) => void (state.log += line) })
  const exposed: string[] = []
  const reportExposed = (token: string) => void exposed.push(token)
  const uses: Use[] = []
  const attempts: Attempt[] = []
  const record = { recordUse: (use: Use) => void uses.push(use), recordAttempt: (attempt: Attempt) => void attempts.push(attempt) }
  const shared = { ...record, db, clock, log, peppers, keyFormat: letterlockKeys, clientIp: (peer: string) => peer }
  const app = new Hono()
  app.route('/', oauthApp({ ...shared, verify: verifier.verify, settle, publicUrl: () => 'https://app.test' }))
  app.route('/', managementApp({ ...shared, verifier, noteUse: () => {}, reportExposed, settle, publicUrl: () => 'https://app.test' }))
  app.route('/', verifierApi({
    ...shared, verifier, proveToken, foreignPrefixes,
    listChanges: async (after, stamp) => foreignPrefixes.after(await revisions.listChanges(db, after, stamp)),
    refuseExposed: refuseExposed({ keyFormat: letterlockKeys, report: reportExposed }),
    noteUse: () => {},
    noteRemoteProofs: (proofs) => secretVersions.noteRemoteProofs(db, proofs, clock()),
    redact: letterlockKeys.redactKeys,
    monotonic: () => performance.now(),
  }))
  const listener = await listen({ host: '127.0.0.1', port: 0, portVariable: 'NONE', fetch: app.fetch })
  const { url } = listener
  const rootKey = await addRootKey(rootScopeNames)
  return { url, db, verifier, state, exposed, uses, attempts, rootKey, peppers, addRootKey, manage, send, stop }

  /** As the server does it, with more patience: who has his answer finds the change seen. */
  async function settle(revision: number): Promise<void> {
    verifier.wake()
    await verifier.changedAfter(revision - 1, { withinMs: 10_000, signal: new AbortController().signal })
  }

  async function addRootKey(scopes: readonly string[], rateLimits: readonly RateLimitText[] = []): Promise<string> {
    const { token, keyId, secret } = issueSecret({ keyFormat: letterlockKeys, peppers }, 'root', clock())
    const facts = { name: 'Root', purpose: null, scopes, ipAllow: [], rateLimits, expiresAt: null, createdBy: null }
    await db.transaction().execute((tx) => keys.insertRootKey(tx, { id: keyId, ...facts, now: clock(), secret }))
    return token
  }

  /** A mutation of the management API. */
  async function manage(procedure: string, input: unknown): Promise<Answer['body']> {
    const { status, body, text } = await send('POST', `/trpc/${procedure}`, { body: input })
    if (status !== 200) throw new Error(`${procedure} answered ${status}: ${text}`)
    return body.result.data
  }

  async function send(method: string, path: string, options: { key?: string | null; body?: unknown; headers?: Record<string, string> } = {}): Promise<Answer> {
    const { key = rootKey, body, headers } = options
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
  }

  async function stop(): Promise<void> {
    await listener.drain()
    await verifier.stop()
    await feed.close()
    await store.close()
    await database.drop()
  }
}

export type VerifierRig = Awaited<ReturnType<typeof startVerifierRig>>
