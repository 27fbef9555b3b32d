import { createTestDatabase } from '@letterlock/db/testing'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../src/config.ts'
import type { DevelopmentFile } from '../src/first-start.ts'
import { installationKeys } from '../src/installation-keys.ts'
import { createLog } from '../src/log.ts'
import { startServer } from '../src/start-server.ts'

export interface TestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // the wire is what is under test; each test says what it expects
  readonly body: any // oxlint-disable-line no-explicit-any
}

export interface TestServer extends DevelopmentFile {
  readonly connectionString: string
  /** Everything the server wrote: log lines and what a person reads. */
  readonly output: () => string
  /** Calls the product API; `path` without `/v1`. A body is sent as JSON unless it is text. */
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<TestAnswer>
  readonly manage: (procedure: string, input: unknown, options?: { key?: string; query?: boolean }) => Promise<TestAnswer>
  /** Ends the server; its database stays until `stop`. */
  readonly end: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface CallOptions {
  readonly key?: string | null
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** The whole server on a database of its own, on free ports, with a mailbox. */
export async function startTestServer(environment: Record<string, string> = {}): Promise<TestServer> {
  const database = await createTestDatabase()
  const dataDir = mkdtempSync(join(tmpdir(), 'letterlock-server-'))
  const written: string[] = []
  const write = (text: string) => void written.push(text)
  const config = readConfig({
    DATABASE_URL: database.connectionString,
    LETTERLOCK_DATA_DIR: dataDir,
    LETTERLOCK_API_PORT: '0',
    LETTERLOCK_MANAGEMENT_PORT: '0',
    LETTERLOCK_SMTP_PORT: '0',
    LETTERLOCK_LOG_LEVEL: 'debug',
    ...environment,
  }, dataDir)
  const { keyFormat, learnPrefixes } = installationKeys({ prefix: config.keyPrefix })
  const log = createLog(config.logLevel, { write, redact: keyFormat.redactKeys })
  const server = await startServer(config, { log, keyFormat, learnPrefixes, clock: () => new Date(), write })
  const dev = JSON.parse(readFileSync(join(dataDir, 'dev.json'), 'utf8')) as DevelopmentFile
  return {
    ...dev,
    connectionString: database.connectionString,
    output: () => written.join(''),
    call: (method, path, options = {}) => call(`${dev.apiUrl}/v1${path}`, method, { key: dev.liveKey, ...options }),
    manage: (procedure, input, options = {}) => {
      const key = options.key ?? dev.rootKey
      const url = `${dev.managementUrl}/trpc/${procedure}`
      return options.query
        ? call(`${url}?input=${encodeURIComponent(JSON.stringify(input))}`, 'GET', { key })
        : call(url, 'POST', { key, body: input })
    },
    end: () => server.stop(),
    stop: async () => {
      await server.stop()
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function call(url: string, method: string, { key, body, headers }: CallOptions): Promise<TestAnswer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(key && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null }
}
