// Pages of the list of keys, of a workspace with 250 000 of a million keys in 1 000 workspaces, by every filter.
import { newId, type WorkspaceId } from '@letterlock/contract'
import { connect, type Db, keyLists, migrate } from '@letterlock/db'
import { Client } from 'pg'
import { startPostgres } from './key-database.ts'
import { withSurroundings } from './surroundings.ts'

const workspaces = 1_000
const bigSize = 250_000
const smallSize = 750
const limit = 20
const rounds = 15
const now = new Date('2026-11-22T00:00:00.000Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000)

type Filter = Omit<keyLists.KeyFilter, 'now'>

const filters: Record<string, Filter> = {
  'no filter': {},
  'status active': { status: 'active' },
  'status disabled': { status: 'disabled' },
  'status revoked': { status: 'revoked' },
  'status expired': { status: 'expired' },
  'mode': { mode: 'test' },
  'owner': { owner: 'ada' },
  'createdBy': { createdBy: 'key_maker' },
  'scope': { scope: 'lists:read' },
  'unusedSince': { unusedSince: daysAgo(60) },
  'expiringBefore': { expiringBefore: daysAgo(-30) },
  'five at once': { status: 'active', mode: 'live', scope: 'contacts:read', unusedSince: daysAgo(60), expiringBefore: daysAgo(-30) },
  'owner of none': { owner: 'nobody' },
  'createdBy nobody': { createdBy: 'nobody' },
  'scope of none': { scope: 'campaigns:send' },
  'unused for years': { unusedSince: daysAgo(4_000) },
  'expired long ago': { expiringBefore: daysAgo(4_000) },
  'four of none': { status: 'disabled', mode: 'test', owner: 'nobody', unusedSince: daysAgo(60) },
}

await withSurroundings(async (closers) => {
  const { cluster } = await startPostgres(closers, { durable: false })
  await cluster.ensureDatabase('keys_list')
  const connectionString = cluster.connectionString('keys_list')
  await migrate(connectionString)
  const client = new Client({ connectionString })
  await client.connect()
  closers.defer(() => client.end())
  const big = await fill(client)
  const db = connect({ connectionString, max: 2, applicationName: 'bench' })
  closers.defer(() => db.destroy())

  console.log(`${workspaces} workspaces, ${(workspaces - 1) * smallSize + bigSize} keys, ${bigSize} in the one that is asked; pages of ${limit}; medians of ${rounds}`)
  for (const [name, filter] of Object.entries(filters)) {
    const before = await endOfPage(db, big, { filter, page: 999 })
    const first = await medianMs(() => keyLists.listKeys(db, big, { ...filter, now, limit }))
    const far = before === null ? null : await medianMs(() => keyLists.listKeys(db, big, { ...filter, now, limit, before }))
    console.log(`${name.padEnd(20)} first page ${first.toFixed(1).padStart(6)} ms   1 000th ${far === null ? '  none' : `${far.toFixed(1).padStart(6)} ms`}`)
  }
})

/** The id after which the next page begins; null when there are fewer pages. */
async function endOfPage(db: Db, workspaceId: WorkspaceId, { filter, page }: { filter: Filter; page: number }): Promise<string | null> {
  let left = page * limit
  for (let before: string | undefined; ;) {
    const size = Math.min(left, 1_000)
    const { rows, lookedAtUntil } = await keyLists.listKeys(db, workspaceId, { ...filter, now, limit: size, before })
    left -= Math.min(rows.length, size)
    const last = rows.length > size ? rows[size - 1]?.id : lookedAtUntil
    if (!last) return null
    if (left === 0) return last
    before = last
  }
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const startedAt = performance.now()
    await work()
    if (round > 0) times.push(performance.now() - startedAt) // the first one warms up
  }
  return times.sort((a, b) => a - b)[rounds >> 1] ?? NaN
}

/** Keys over a year, those of all workspaces in turn, as they would have been made; the half of them used since. */
async function fill(client: Client): Promise<WorkspaceId> {
  const ids = Array.from({ length: workspaces }, () => newId('workspace'))
  await client.query(`insert into workspaces (id, name, status, created_at, updated_at) select id, 'Benchmark', 'active', now(), now() from unnest($1::text[]) as new (id)`, [ids])
  await client.query(
    `insert into environments (id, workspace_id, mode, created_at)
    select 'env_' || mode || w.id, w.id, mode, now() from workspaces w cross join unnest('{live,test}'::text[]) as m (mode)`,
  )
  await client.query(
    `insert into keys (id, mode, workspace_id, environment_id, name, scopes, status, revoked_at, expires_at, owner, created_by, created_at, updated_at, last_used_at, last_used_floor)
    select 'key_' || lpad(row_number() over (order by made.at, w.n)::text, 26, '0'), mode.mode, w.id, 'env_' || mode.mode || w.id, 'Key',
      case when i % 3 = 0 then '{contacts:read,lists:read}'::text[] else '{contacts:read,emails:send}' end,
      case when i % 10 = 0 then 'revoked' when i % 10 = 1 then 'disabled' else 'active' end, case when i % 10 = 0 then made.at end,
      case when i % 2 = 0 then made.at + interval '90 days' end, case when i % 8 = 0 then 'ada' when i % 8 = 1 then 'grace' end,
      case when i % 4 = 0 then 'key_maker' else 'system' end, made.at, made.at,
      case when i % 2 = 1 then $2::timestamptz - (i % 30) * interval '1 day' end,
      case when i % 2 = 1 then $2::timestamptz - (i % 30) * interval '1 day' - interval '12 hours' else made.at end
    from unnest($1::text[]) with ordinality as w (id, n)
    cross join lateral generate_series(1, case when w.n = 1 then ${bigSize} else ${smallSize} end) as s (i)
    cross join lateral (select $2::timestamptz - i * interval '365 days' / case when w.n = 1 then ${bigSize} else ${smallSize} end as at) as made
    cross join lateral (select case when i % 5 = 0 then 'test' else 'live' end as mode) as mode`,
    [ids, now],
  )
  await client.query('vacuum (analyze) keys')
  return ids[0] ?? newId('workspace')
}
