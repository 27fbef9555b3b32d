// One process of the server. Its ports are chosen by the system and read from what it says when it is ready.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const server = fileURLToPath(new URL('../../../apps/server/src/main.ts', import.meta.url))

export interface Node {
  readonly apiUrl: string
  readonly managementUrl: string
  /** What the first start on an empty database has written. */
  readonly keys: () => { rootKey: string; workspaceId: string }
}

export async function startNode(closers: AsyncDisposableStack, settings: Record<string, string>): Promise<Node> {
  const dataDir = mkdtempSync(join(tmpdir(), 'letterlock-node-'))
  closers.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const child = spawn(process.execPath, [server], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'], HOME: process.env['HOME'],
      LETTERLOCK_DATA_DIR: dataDir, LETTERLOCK_API_PORT: '0', LETTERLOCK_MANAGEMENT_PORT: '0', LETTERLOCK_SMTP_PORT: '0',
      ...settings,
    },
  })
  const ended = once(child, 'exit')
  closers.defer(async () => {
    child.kill('SIGTERM')
    await ended
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => void (said += chunk.toString()))
  while (!said.includes('Letterlock is ready')) {
    await Promise.race([once(child.stdout, 'data'), ended])
    if (child.exitCode !== null) throw new Error(`a node did not start:\n${said}`)
  }
  return {
    apiUrl: /Product API +(\S+)\/v1/.exec(said)?.[1] ?? '',
    managementUrl: /Management API +(\S+)\/trpc/.exec(said)?.[1] ?? '',
    keys: () => JSON.parse(readFileSync(join(dataDir, 'dev.json'), 'utf8')) as { rootKey: string; workspaceId: string },
  }
}
