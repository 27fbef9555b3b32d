// A real Redis on a free port, which can be killed, hung and started again empty.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { delay } from '../server-process.ts'
import { freePort } from './free-port.ts'

export interface RedisServer {
  readonly url: string
  /** Sends a command and returns the answer as it came, such as `+OK`. */
  readonly command: (...words: string[]) => Promise<string>
  /** Ends it at once. */
  readonly kill: () => Promise<void>
  /** Starts it again on the same port, with nothing in it. */
  readonly start: () => Promise<void>
}

/** False where `redis-server` is not installed. */
export function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0
}

export async function startRedis(closers: AsyncDisposableStack): Promise<RedisServer> {
  const port = await freePort()
  let child: ChildProcess | null = null
  const kill = async () => {
    const [ending] = [child]
    child = null
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    ending.kill('SIGKILL')
    await once(ending, 'exit')
  }
  const command = (...words: string[]) => ask(port, words)
  const start = async () => {
    child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no',
      '--enable-debug-command', 'yes', '--dir', '/tmp'], { stdio: 'ignore' })
    const deadline = performance.now() + 10_000
    while ((await command('PING').catch(() => '')) !== '+PONG') {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error(`redis-server did not start on port ${port}`)
      await delay(20)
    }
  }
  closers.defer(kill)
  await start()
  return { url: `redis://127.0.0.1:${port}`, command, kill, start }
}

async function ask(port: number, words: readonly string[]): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, timeout: 10_000 })
  try {
    socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`)
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    return chunk.toString().trimEnd()
  } finally {
    socket.destroy()
  }
}
