import { createClient, createCluster, type RedisClientOptions } from '@redis/client'
import type { RunScript } from '@letterlock/verifier'

/** Runs scripts on Redis or Valkey; `close` ends the connections at once. */
export interface RedisRunner {
  readonly run: RunScript
  /** Resolves once there is a connection. It never rejects: without Redis it waits on. */
  readonly connected: Promise<void>
  readonly close: () => void
}

type Client = Pick<ReturnType<typeof createClient>, 'eval' | 'evalSha' | 'isOpen' | 'destroy'> & {
  connect: () => Promise<unknown>
  on: (event: 'error', listener: () => void) => unknown
}

const renewAfterMs = 3_000

/**
 * Connects to one Redis, or to a Cluster when there are several URLs. Nothing is queued while there is no connection
 * and no call is repeated. A client that answered nothing for 3 seconds, though asked, is replaced: its connection
 * may lead nowhere without an error, or its view of the Cluster may be old.
 */
export function runOnRedis(urls: readonly string[], monotonic: () => number): RedisRunner {
  let isClosed = false
  let unansweredSinceMs: number | null = null
  let client = makeClient(urls)
  const connected = connect(client)
  return {
    connected,
    async run(script, keys, args) {
      renewIfDead()
      unansweredSinceMs ??= monotonic()
      const call = evaluate(client, script, { keys: [...keys], arguments: [...args] })
      const answer = await (urls.length > 1 ? withinASecond(call) : call)
      unansweredSinceMs = null
      return answer
    },
    close() {
      isClosed = true
      end(client)
    },
  }

  function renewIfDead() {
    if (unansweredSinceMs === null || monotonic() - unansweredSinceMs < renewAfterMs) return
    unansweredSinceMs = monotonic()
    end(client)
    client = makeClient(urls)
    void connect(client)
  }

  // a single client tries again by itself, one of a Cluster gives up when no node answers
  async function connect(wanted: Client): Promise<void> {
    while (!isClosed && wanted === client) {
      const isDone = await wanted.connect().then(() => true, () => false)
      if (isDone) return
      await new Promise((resolve) => setTimeout(resolve, 500).unref())
    }
  }
}

// a call waits for the first connection to its node of the Cluster
function withinASecond<T>(call: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const timer = setTimeout(() => reject(new Error('No answer within a second.')), 1_000)
  call.then(resolve, reject).finally(() => clearTimeout(timer))
  return promise
}

async function evaluate(client: Client, script: Parameters<RunScript>[0], options: { keys: string[]; arguments: string[] }) {
  try {
    return await client.evalSha(script.sha1, options)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return client.eval(script.source, options)
  }
}

function makeClient(urls: readonly string[]): Client {
  const [first = ''] = urls
  const { protocol, username, password } = new URL(first)
  const common = {
    socket: { connectTimeout: 1_000, reconnectStrategy: (retries: number) => Math.min(50 * 2 ** retries, 1_000) },
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
  } satisfies RedisClientOptions
  const secrets = {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
  }
  const socket = protocol === 'rediss:' ? { ...common.socket, tls: true as const } : common.socket
  const client = urls.length === 1
    ? createClient({ ...common, url: first })
    : createCluster({
        rootNodes: urls.map((url) => ({ url })),
        defaults: { ...common, ...secrets, socket },
        minimizeConnections: true, // or a start would wait for a master that is out
        topologyRefreshOnReconnectionAttemptStrategy: 500,
        maxCommandRedirections: 3,
      })
  client.on('error', () => undefined) // a client says the same at each attempt; the breaker says it once
  return client as Client
}

function end(client: Client): void {
  try {
    client.destroy()
  } catch {
    // it was never open
  }
}
