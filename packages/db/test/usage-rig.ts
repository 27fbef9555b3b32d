/** Batches of usage for tests, and the sums that must agree. */
import { type EnvironmentId, type KeyId, newId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db } from '../src/connect.ts'
import type { RequestRecords, UsageBatch, UsageCount } from '../src/usage-batches.ts'

/** One request, as tests speak of it. */
export interface TestUse {
  environmentId: EnvironmentId
  keyId: KeyId
  at: Date
  requestId: string
  operation: string
  outcome: string
  status: number
  secretVersion: number
  userAgent: string | null
}

export function use(more: Partial<TestUse> & { at: Date }): TestUse {
  return {
    environmentId: newId('environment'), keyId: newId('key'), requestId: idMadeAt(more.at.getTime()), operation: 'contacts.get',
    outcome: 'ok', status: 200, secretVersion: 1, userAgent: 'curl/8', ...more,
  }
}

/** The id of a request that begins at a time. */
export function idMadeAt(time: number): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
  const digits = Array.from({ length: 10 }, (_, index) => alphabet[Math.floor(time / 32 ** (9 - index)) % 32])
  return `req_${digits.join('')}${newId('request').slice(14)}`
}

/** A batch of these requests; records in several parts. */
export function batchOf(uses: readonly TestUse[], more: Partial<UsageBatch> = {}): UsageBatch {
  const counts = new Map<string, UsageCount & { requests: number }>()
  const records: RequestRecords[] = []
  for (const [index, { environmentId, keyId, at, operation, outcome, ...one }] of uses.entries()) {
    const minute = new Date(Math.floor(at.getTime() / 60_000) * 60_000)
    const name = [environmentId, keyId, operation, outcome, minute.toISOString()].join(' ')
    const count = counts.get(name) ?? { environmentId, keyId, operation, outcome, minute, requests: 0, dropped: 0 }
    count.requests++
    counts.set(name, count)
    if (index % (uses.length > 100 ? 100 : 2) === 0) records.push(emptyRecords())
    addRecord(records.at(-1) ?? emptyRecords(), { ...one, at, count })
  }
  return { batchId: newId('request'), counts: [...counts.values()], records, attempts: [], lastUses: [], ...more }
}

type Columns = { -readonly [K in keyof RequestRecords]: RequestRecords[K][number][] }

function emptyRecords(): Columns {
  return { times: [], requestIds: [], counts: [], secretVersions: [], statuses: [], durationsUs: [], ips: [], userAgents: [] }
}

function addRecord(
  columns: RequestRecords,
  one: Pick<TestUse, 'requestId' | 'at' | 'secretVersion' | 'status' | 'userAgent'> & { count: RequestRecords['counts'][number] },
): void {
  const into = columns as Columns // made above
  into.times.push(one.at.getTime())
  into.requestIds.push(one.requestId)
  into.counts.push(one.count)
  into.secretVersions.push(one.secretVersion)
  into.statuses.push(one.status)
  into.durationsUs.push(1_250)
  into.ips.push('192.0.2.7')
  into.userAgents.push(one.userAgent)
}

/** `environment hour` → how many requests each table knows of it. */
export async function sumsByHour(db: Db): Promise<{ records: Sums; minutes: Sums; hours: Sums }> {
  return {
    records: await sums(db, sql`select environment_id, date_trunc('hour', at, 'UTC') as at, 1 as requests from usage_requests`),
    minutes: await sums(db, sql`select environment_id, date_trunc('hour', minute, 'UTC') as at, requests from usage_minutes`),
    hours: await sums(db, sql`select environment_id, hour as at, requests from usage_hours`),
  }
}

/** `environment day` → how many requests each table knows of it. */
export async function sumsByDay(db: Db): Promise<{ hours: Sums; days: Sums }> {
  return {
    hours: await sums(db, sql`select environment_id, date_trunc('day', hour, 'UTC') as at, requests from usage_hours`),
    days: await sums(db, sql`select environment_id, day as at, requests from usage_days`),
  }
}

export type Sums = Record<string, number>

async function sums(db: Db, rows: ReturnType<typeof sql>): Promise<Sums> {
  const read = await sql<{ name: string; requests: number }>`
    select environment_id || ' ' || to_char(at at time zone 'UTC', 'MM-DD HH24') as name, sum(requests)::bigint as requests
    from (${rows}) as counted group by 1 order by 1
  `.execute(db)
  return Object.fromEntries(read.rows.map(({ name, requests }) => [name, requests]))
}

/** The partitions of a table, oldest first. */
export async function partitionsOf(db: Db, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = ${table}::regclass order by 1`.execute(db)
  return rows.map(({ name }) => name)
}
