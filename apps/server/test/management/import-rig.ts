import { createHash, randomBytes } from 'node:crypto'
import { connect } from '@letterlock/db'
import { parsePeppers } from '@letterlock/keys/digest'
import { sql } from 'kysely'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { installationKeys } from '../../src/installation-keys.ts'
import { createLog } from '../../src/log.ts'
import { type RunningServer, startServer } from '../../src/start-server.ts'
import { startTestServer, type TestAnswer } from '../test-server.ts'

const pepper = (version: string) => `${version}:${randomBytes(32).toString('base64')}`

export const sha256Of = (token: string) => createHash('sha256').update(token).digest('hex')

/** A token as another platform would have issued it. */
export const newToken = (prefix = 'sk_live_') => prefix + randomBytes(24).toString('base64url')

/** The whole server, further nodes of it, and a platform that moves there. */
export async function startImportRig() {
  const [v1, v2] = [pepper('v1'), pepper('v2')]
  const server = await startTestServer({ LETTERLOCK_PEPPERS: v1 })
  const db = connect({ connectionString: server.connectionString, applicationName: 'letterlock-test', max: 2 })
  const workspaceId = await createWorkspace()
  const nodes: { running: RunningServer; dataDir: string }[] = []
  return {
    server, db, workspaceId, peppers: parsePeppers(v1), newestPeppers: `${v2},${v1}`,
    startNode, createWorkspace, importKeys, importToken, use, keyOf, secretsOf, everythingStored, upgraded, readsOf, stop,
  }

  async function createWorkspace(): Promise<string> {
    return (await server.manage('workspaces.create', { name: 'Moving' })).body.result.data.workspace.id
  }

  /** Another node of the installation. */
  async function startNode(environment: Record<string, string> = {}): Promise<{ apiUrl: string; managementUrl: string }> {
    const dataDir = mkdtempSync(join(tmpdir(), 'letterlock-node-'))
    const config = readConfig({
      DATABASE_URL: server.connectionString, LETTERLOCK_DATA_DIR: dataDir, LETTERLOCK_PEPPERS: v1, LETTERLOCK_API_PORT: '0',
      LETTERLOCK_MANAGEMENT_PORT: '0', LETTERLOCK_SMTP_PORT: '0', ...environment,
    }, dataDir)
    const keys = installationKeys({ prefix: config.keyPrefix })
    const log = createLog('silent', { write: () => {}, redact: keys.keyFormat.redactKeys })
    const running = await startServer(config, { ...keys, log, clock: () => new Date(), write: () => {} })
    nodes.push({ running, dataDir })
    return { apiUrl: running.urls.api ?? '', managementUrl: running.urls.management ?? '' }
  }

  function importKeys(keys: readonly object[], change: object = {}): Promise<TestAnswer> {
    return server.manage('keys.import', { workspaceId, mode: 'live', format: { prefix: 'sk_live_' }, keys, ...change })
  }

  /** Imports one token; answers the id of its key. */
  async function importToken(token: string, facts: object = {}, change: object = {}): Promise<string> {
    const { body, text } = await importKeys([{ sha256: sha256Of(token), name: 'Old', scopes: ['contacts:read'], ...facts }], change)
    const [item] = body.result?.data.data ?? []
    if (item?.status !== 'imported') throw new Error(text)
    return item.keyId
  }

  function use(token: string, apiUrl = server.apiUrl): Promise<Response> {
    return fetch(`${apiUrl}/v1/key`, { headers: { authorization: `Bearer ${token}` } })
  }

  async function keyOf(keyId: string): Promise<TestAnswer['body']> {
    return (await server.manage('keys.get', { keyId }, { query: true })).body.result.data.key
  }

  async function secretsOf(keyId: string) {
    const { rows } = await sql<{ version: number; digest: string; pepper_version: string; lookup: string }>`
      select version, encode(digest, 'hex') as digest, pepper_version, lookup from key_secrets where key_id = ${keyId} order by version`.execute(db)
    return rows
  }

  /** Every row of every table, to look for what must not be there. */
  async function everythingStored(): Promise<string> {
    const { rows } = await sql<{ all: string }>`
      select string_agg(query_to_xml(format('select * from %I.%I', table_schema, table_name), true, true, '')::text, '') as all
      from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(db)
    return rows[0]?.all ?? ''
  }

  /** When a key was upgraded, which a use begins and does not wait for. */
  function upgraded(keyId: string): Promise<string> {
    return vi.waitUntil(async () => (await keyOf(keyId)).imported.upgradedAt as string | null, { timeout: 5_000, interval: 20 }) as Promise<string>
  }

  /** How often a node has read the database for checks. */
  async function readsOf(managementUrl = server.managementUrl): Promise<number> {
    const text = await (await fetch(`${managementUrl}/metrics`)).text()
    return Number(/^letterlock_verifier_reads_total (\d+)$/m.exec(text)?.[1])
  }

  async function stop(): Promise<void> {
    for (const { running, dataDir } of nodes) {
      await running.stop()
      rmSync(dataDir, { recursive: true, force: true })
    }
    await db.destroy()
    await server.stop()
  }
}

export type ImportRig = Awaited<ReturnType<typeof startImportRig>>
