import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, afterEach, beforeEach, expect, inject, test, vi } from 'vitest'
import type { ProvidedContext } from 'vitest'
import type { TestProject } from 'vitest/node'
import { processesIn } from '../cluster/process-table.ts'
import { testServerUrl } from '../testing.ts'
import { setup } from './global-setup.ts'
import { withDatabase } from './with-database.ts'

type Server = ProvidedContext['letterlockPostgres']

/** A temporary directory of our own, so that no other run sweeps what this file leaves about. */
const root = mkdtempSync(join(tmpdir(), 'setup-test-'))
beforeEach(() => void vi.stubEnv('TMPDIR', root))
afterEach(() => void vi.unstubAllEnvs())
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('setup() starts a server with a migrated template, and what it returns ends and removes it', async () => {
  const abandoned = await leaveBehind()
  const { server, teardown } = await run()
  expect(existsSync(abandoned)).toBe(false)
  const [row] = await ask(withDatabase(server.url, server.template), 'select revision::int from revisions')
  expect(row).toEqual({ revision: 0 })
  const [directory] = await ask(server.url, "select current_setting('data_directory') as path")
  await teardown()
  expect(existsSync(String(directory?.path))).toBe(false)
  expect(processesIn(String(directory?.path))).toEqual([])
})

test('setup() uses the server of LETTERLOCK_TEST_POSTGRES_URL and leaves nothing in it', async () => {
  vi.stubEnv('LETTERLOCK_TEST_POSTGRES_URL', testServerUrl())
  const { server, teardown } = await run('')
  expect(server.url).toBe(testServerUrl())
  const databases = () => ask(server.url, `select 1 from pg_database where datname = '${server.template}'`)
  expect(await databases()).toHaveLength(1)
  await teardown()
  expect(await databases()).toHaveLength(0)
})

/** A server with its directory, as a run of tests leaves them that was killed. */
async function leaveBehind(): Promise<string> {
  const dead = spawn('true')
  await once(dead, 'exit')
  const abandoned = mkdtempSync(join(root, `letterlock-test-${dead.pid}-`))
  const program = join(import.meta.dirname, '../../test/owner.ts')
  const owner = spawn(process.execPath, [program, abandoned, '', 'volatile'])
  for await (const text of owner.stdout) if (String(text).includes('"owned"')) break
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  expect(processesIn(join(abandoned, 'postgres'))).not.toEqual([])
  return abandoned
}

/** Runs the setup as vitest does for a project. */
async function run(binDir = inject('letterlockPostgresBinDir')) {
  let server: Server | undefined
  const project = {
    getProvidedContext: () => ({ letterlockPostgresBinDir: binDir }),
    provide: (_key: string, value: Server) => {
      server = value
    },
  }
  const teardown = await setup(project as unknown as TestProject) // the two members that setup() calls
  if (!server) throw new Error('setup() provided nothing')
  return { server, teardown }
}

async function ask(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString })
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  return rows
}
