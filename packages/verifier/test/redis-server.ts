import { createClient } from '@redis/client'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunScript } from '../src/limits/redis-limits.ts'

const program = '/usr/bin/redis-server'

/** Debian's redis-server; a test that needs it says so by name where it is not installed. */
export const hasRedis = existsSync(program)

/** Starts Redis on a free port with its files in a directory of its own; ends with the process it started. */
export async function startRedis() {
  const directory = await mkdtemp(join(tmpdir(), 'letterlock-redis-'))
  const port = await freePort()
  const child = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--enable-debug-command', 'local'], { stdio: 'ignore' })
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: 20 } })
  client.on('error', () => undefined)
  await client.connect()
  const run: RunScript = (script, keys, args) => {
    const options = { keys: [...keys], arguments: [...args] }
    return client.evalSha(script.sha1, options).catch((error: Error) => {
      if (!error.message.startsWith('NOSCRIPT')) throw error
      return client.eval(script.source, options)
    })
  }
  return {
    client,
    run,
    async stop() {
      client.destroy()
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
