// One Hono server with two routes, each open, in guard() and behind requireKey(): one answers a constant, one reads a row
// of PostgreSQL by its primary key, as most do. The verifier is on PostgreSQL. Told the database first; says where it listens then.
import { serve } from '@hono/node-server'
import { definePeppers } from '@letterlock/keys/digest'
import { type DoorOptions, guard, type KeyUse, requireKey } from '@letterlock/verifier/hono'
import { type Context, Hono } from 'hono'
import type { AddressInfo } from 'node:net'
import { Pool } from 'pg'
import { openUsage } from '../open-usage.ts'
import { openVerifier } from '../open-verifier.ts'

/** What the process is told. */
export interface ProtectedRouteOptions {
  readonly connectionString: string
  /** The pepper, base64. */
  readonly pepper: string
  readonly scope: string
  /** The row that the reading route reads. */
  readonly rowId: string
}

const answer = {
  object: 'contact', id: 'con_01kan3h0vde0fv1g8q6m2x5t7z', email: 'person@example.com', firstName: 'Person', lastName: 'Example',
  properties: { plan: 'pro', visits: 12, newsletter: true }, createdAt: '2026-11-22T09:00:00.000Z', updatedAt: '2026-11-22T09:00:00.000Z',
}

process.once('message', (options: ProtectedRouteOptions) => void listen(options))
process.on('disconnect', () => process.exit())
process.send?.('waiting')

async function listen({ connectionString, pepper, scope, rowId }: ProtectedRouteOptions): Promise<void> {
  const closers = new AsyncDisposableStack() // never closed: the process is killed
  const usage = openUsage(closers, connectionString)
  const peppers = definePeppers([{ version: 'v1', secret: Buffer.from(pepper, 'base64') }])
  const verifier = await openVerifier(closers, { connectionString, peppers, max: 4 })

  const record = ({ key, outcome, ip, status, startedAt, durationMs }: KeyUse) => usage.record({
    requestId: crypto.randomUUID(), key: key?.environmentId ? { keyId: key.keyId, environmentId: key.environmentId } : null,
    operation: 'contacts.get', outcome, status, now: startedAt, durationMs, ip, userAgent: null,
  })
  const pool = new Pool({ connectionString, max: 10 })
  const constant = (c: Context) => c.json(answer)
  const reading = async (c: Context) => {
    const { rows: [row] } = await pool.query({ name: 'row', text: 'select id, name, created_at from keys where id = $1', values: [rowId] })
    return c.json({ ...answer, row })
  }
  const app = new Hono()
  const options: DoorOptions<Context> = { verify: verifier.verify, modes: ['live'], scope, onUse: record, clock: () => new Date() }
  for (const [name, handler] of [['constant', constant], ['reading', reading]] as const) {
    app.get(`/${name}/open`, handler)
    app.get(`/${name}/guarded`, guard(options, handler))
    app.get(`/${name}/behind`, requireKey(options), handler)
  }
  serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (address) => {
    process.send?.(`http://127.0.0.1:${(address as AddressInfo).port}`)
  })
}
