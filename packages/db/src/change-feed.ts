/** A connection of its own that asks the primary what changed, and hears when something does. */
import { Socket } from 'node:net'
import pg from 'pg'
import { type ChangesSince, changesStatement, readChanges } from './change-statement.ts'
import { typeParser } from './connect.ts'

export interface ChangeFeedOptions {
  /** Straight to the primary: behind a pooler, LISTEN hears nothing. */
  connectionString: string
  applicationName: string
  /** A control-plane transaction was committed: poll now. */
  onNotify?: () => void
  /** The connection broke while nothing was asked; the next poll makes a new one. */
  onError?: (error: Error) => void
}

export interface ChangeFeed {
  /**
   * What changed after a revision with a stamp; null asks for the revision alone. Without a stamp the number is believed.
   * One poll at a time. A poll that is aborted or
   * fails gives its connection up, and the next one makes a new one.
   * @throws when it cannot be known: no connection, no answer in time, a standby
   */
  poll(after: number | null, signal: AbortSignal, stamp?: string | null): Promise<ChangesSince>
  close(): Promise<void>
}

interface Connection {
  readonly client: pg.Client
  readonly socket: Socket
  readonly ready: Promise<unknown>
}

const deadlineMs = 500

/** Opens a feed. It connects at the first poll, so a database that is out does not fail here. */
export function openChangeFeed(options: ChangeFeedOptions): ChangeFeed {
  let current: Connection | null = null
  let isPolling = false
  let isClosed = false

  function give(up: Connection): void {
    if (current === up) current = null
    up.socket.destroy() // end() would wait for a server that may hang
  }

  function connect(): Connection {
    const connection = openConnection(options)
    connection.client.on('notification', () => options.onNotify?.())
    connection.client.on('error', (error) => {
      if (current !== connection) return // given up already
      give(connection)
      if (!isPolling) options.onError?.(error) // else the poll throws it
    })
    return connection
  }

  return {
    async poll(after, signal, stamp = null) {
      signal.throwIfAborted()
      if (isClosed) throw new Error('The change feed is closed.')
      const connection = (current ??= connect())
      isPolling = true
      try {
        return await unlessAborted(ask(connection, [after, stamp]), signal)
      } catch (error) {
        give(connection)
        throw error
      } finally {
        isPolling = false
      }
    },

    async close() {
      isClosed = true
      if (current) give(current)
    },
  }
}

// It listens before it asks: what commits in between is heard, what committed before is answered.
function openConnection({ connectionString, applicationName }: ChangeFeedOptions): Connection {
  const socket = new Socket()
  const client = new pg.Client({
    connectionString,
    application_name: applicationName,
    connectionTimeoutMillis: deadlineMs,
    statement_timeout: 1_000,
    keepAlive: true,
    stream: () => socket,
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser }, // the overloads differ in the format only
  })
  const ready = client.connect().then(() => client.query('listen letterlock_revisions'))
  return { client, socket, ready }
}

async function ask({ client, ready }: Connection, [after, stamp]: [number | null, string | null]): Promise<ChangesSince> {
  await ready
  const { rows } = await client.query({ name: 'letterlock_changes', text: changesStatement, values: [after, stamp] })
  return readChanges(rows, after)
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
