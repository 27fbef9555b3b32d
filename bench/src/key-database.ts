// A PostgreSQL of its own with as many keys as are wanted: some that can be presented, the rest to fill the table.
import { newId } from '@letterlock/contract'
import { migrate } from '@letterlock/db'
import { type Cluster, startCluster } from '@letterlock/db/cluster'
import { letterlockKeys } from '@letterlock/keys'
import { definePeppers, digestKey } from '@letterlock/keys/digest'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { withChildren } from './cpu-time.ts'

export const pepper = randomBytes(32)
export const peppers = definePeppers([{ version: 'v1', secret: pepper }])

/** The policy of the keys that are presented: 20 scopes, 2 ranges, 2 limits that nobody reaches. */
const policy = {
  scopes: Array.from({ length: 20 }, (_, i) => `resource${i}:read`),
  ipAllow: ['2001:db8::/32', '127.0.0.0/8'],
  rateLimits: [{ name: 'second', limit: '1000000/1s' }, { name: 'minute', limit: '20000000/1m' }],
}

/** Of the keys that only fill the table; what an ordinary key has. */
const fillerPolicy: typeof policy = {
  scopes: ['contacts:read', 'contacts:write', 'lists:read', 'emails:send'],
  ipAllow: [],
  rateLimits: [{ name: 'second', limit: '100/1s' }],
}

/** What is asked of them, and granted. */
export const ask = { modes: ['live'], scope: 'resource19:read', ip: '127.0.0.1' } as const

export interface Key {
  readonly id: string
  readonly token: string
}

export interface Postgres {
  readonly cluster: Cluster
  readonly pids: () => number[]
}

/** PostgreSQL in a directory that goes with it. `durable`: whether commits wait for the disk, as in production. */
export async function startPostgres(closers: AsyncDisposableStack, { durable }: { durable: boolean }): Promise<Postgres> {
  const dataDir = mkdtempSync(join(tmpdir(), 'letterlock-bench-'))
  closers.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  let postmaster = 0
  const cluster = await startCluster({ dataDir, durable, log: (event) => event.event === 'started' && (postmaster = event.pid) })
  closers.defer(() => cluster.stop())
  return { cluster, pids: () => withChildren(postmaster) }
}

export interface KeyDatabase {
  readonly connectionString: string
  readonly client: Client
  /** Keys that can be presented, spread over the ids of two years, in random order. */
  readonly issue: (count: number, status?: 'active' | 'revoked' | 'expired') => Promise<Key[]>
  /** Keys that nobody holds, over the same two years; before any others. */
  readonly fill: (count: number) => Promise<void>
  /** What autovacuum would do later, in the middle of a round. */
  readonly settle: () => Promise<void>
}

export async function createKeyDatabase(closers: AsyncDisposableStack, cluster: Cluster, name: string): Promise<KeyDatabase> {
  await cluster.ensureDatabase(name)
  const connectionString = cluster.connectionString(name)
  await migrate(connectionString)
  const client = new Client({ connectionString })
  await client.connect()
  closers.defer(() => client.end())
  const owner = { workspaceId: newId('workspace'), environmentId: newId('environment') }
  await client.query(`insert into workspaces (id, name, status, created_at, updated_at) values ($1, 'Benchmark', 'active', now(), now())`, [owner.workspaceId])
  await client.query(`insert into environments (id, workspace_id, mode, created_at) values ($1, $2, 'live', now())`, [owner.environmentId, owner.workspaceId])
  return {
    connectionString, client,
    issue: (count, status = 'active') => issue(client, owner, { count, status }),
    fill: (count) => fill(client, owner, count),
    async settle() {
      await client.query('vacuum (analyze) keys')
      await client.query('vacuum (analyze) key_secrets')
      await client.query('checkpoint')
    },
  }
}

type Owner = Readonly<Record<'workspaceId' | 'environmentId', string>>

const untilMs = Date.parse('2026-11-01')
const periodMs = 2 * 365 * 86_400_000
const columns = 'id, mode, workspace_id, environment_id, name, scopes, ip_allow, rate_limits, status, expires_at, created_at, updated_at'
const parameters = ({ workspaceId, environmentId }: Owner, { scopes, ipAllow, rateLimits }: typeof policy) => (
  [workspaceId, environmentId, scopes, ipAllow, JSON.stringify(rateLimits)])

async function issue(client: Client, owner: Owner, { count, status }: { count: number; status: 'active' | 'revoked' | 'expired' }): Promise<Key[]> {
  const keys = Array.from({ length: count }, () => {
    const { token, keyId } = letterlockKeys.issue({ mode: 'live', now: Math.floor(untilMs - Math.random() * periodMs) })
    return { id: keyId as string, token: token as string }
  })
  const stored = status === 'expired' ? 'active' : status
  const ids = keys.map(({ id }) => id)
  await client.query(
    `insert into keys (${columns})
    select id, 'live', $1, $2, 'Key', $3, $4, $5, $6, $7, now(), now() from unnest($8::text[]) as new (id)`,
    [...parameters(owner, policy), stored, status === 'expired' ? new Date(untilMs) : null, ids],
  )
  await client.query(
    `insert into key_secrets (key_id, version, digest, pepper_version, created_at)
    select key_id, 1, digest, 'v1', now() from unnest($1::text[], $2::bytea[]) as new (key_id, digest)`,
    [ids, keys.map(({ token }) => Buffer.from(digestKey(token, peppers[0]).digest))],
  )
  return keys
}

// Ids like real ones: 10 characters of time, then what is random. In the order of time, as they are made.
async function fill(client: Client, owner: Owner, count: number): Promise<void> {
  const ms = `${untilMs - periodMs} + i::bigint * ${Math.floor(periodMs / count)}`
  const time = Array.from({ length: 10 }, (_, i) => `substr('0123456789abcdefghjkmnpqrstvwxyz', (((ms >> ${45 - 5 * i}) & 31) + 1)::int, 1)`).join(' || ')
  await withoutIndexes(client, async () => {
    await client.query(
      `insert into keys (${columns})
      select 'key_' || ${time} || 'e' || substr(md5(i::text), 1, 15), 'live', $1, $2, 'Key', $3, $4, $5, 'active', null, now(), now()
      from (select i, ${ms} as ms from generate_series(1, $6::int) as n (i) offset 0) as filler`,
      [...parameters(owner, fillerPolicy), count],
    )
    await client.query(
      `insert into key_secrets (key_id, version, digest, pepper_version, created_at)
      select id, 1, sha256(id::bytea), 'v1', created_at from keys`,
    )
  })
}

/** Indexes made afterwards, in one go, take a third of the time. */
async function withoutIndexes(client: Client, work: () => Promise<void>): Promise<void> {
  const constraints = await definitions(client, `
    select conrelid::regclass as table, conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
    where contype in ('p', 'u', 'f') and (conrelid in ('keys'::regclass, 'key_secrets'::regclass) or confrelid in ('keys'::regclass, 'key_secrets'::regclass))
    order by contype = 'f', conrelid::regclass::text`)
  for (const { table, name } of constraints.toReversed()) await client.query(`alter table ${table} drop constraint ${name}`)
  const indexes = await definitions(client, `
    select indrelid::regclass as table, indexrelid::regclass as name, pg_get_indexdef(indexrelid) as definition
    from pg_index where indrelid in ('keys'::regclass, 'key_secrets'::regclass)`)
  for (const { name } of indexes) await client.query(`drop index ${name}`)
  await work()
  await client.query(`set maintenance_work_mem = '512MB'`)
  for (const { definition } of indexes) await client.query(definition)
  for (const { table, name, definition } of constraints) {
    const unchecked = definition.startsWith('FOREIGN KEY') ? ' not valid' : '' // true by construction
    await client.query(`alter table ${table} add constraint ${name} ${definition}${unchecked}`)
  }
}

async function definitions(client: Client, query: string) {
  return (await client.query<{ table: string; name: string; definition: string }>(query)).rows
}
