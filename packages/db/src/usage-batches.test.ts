import { type EnvironmentId, type KeyId, newId } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, describe, expect, test } from 'vitest'
import { batchOf, partitionsOf, sumsByDay, sumsByHour, type TestUse, use } from '../test/usage-rig.ts'
import type { Tx } from './connect.ts'
import { createTestDatabase } from './testing.ts'
import * as usage from './usage.ts'

const { db, drop } = await createTestDatabase({ max: 20 })
afterAll(drop)

const now = new Date('2026-11-22T09:30:13.000Z')
const at = new Date('2026-11-22T09:30:12.345Z')

function inTx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work)
}

const save = (batch: usage.UsageBatch, when = now) => inTx((tx) => usage.saveUsageBatch(tx, { ...batch, now: when }))

async function insertKey(): Promise<KeyId> {
  const id = newId('key')
  const times = { created_at: at, updated_at: at }
  await db.insertInto('keys').values({ id, mode: 'root', name: 'k', scopes: [], status: 'active', ...times }).execute()
  for (const version of [1, 2]) {
    await db.insertInto('key_secrets').values({ key_id: id, version, digest: Buffer.alloc(32), pepper_version: 'v1', created_at: at }).execute()
  }
  return id
}

const recordsOf = (environmentId: EnvironmentId, more: Partial<usage.RequestSearch> = {}) =>
  usage.listRequests(db, environmentId, { from: new Date(0), to: new Date('2100-01-01'), limit: 1_000, ...more })

const minutesOf = (environmentId: EnvironmentId) =>
  db.selectFrom('usage_minutes').selectAll().where('environment_id', '=', environmentId).execute()

/** Since this connection last reported its own, which need not be this transaction. */
async function hotUpdates(tx: Tx): Promise<{ keys: number; secrets: number }> {
  const { rows: [row] } = await sql<{ keys: number; secrets: number }>`select
    pg_stat_get_xact_tuples_hot_updated('keys'::regclass) as keys,
    pg_stat_get_xact_tuples_hot_updated('key_secrets'::regclass) as secrets`.execute(tx)
  return row ?? { keys: NaN, secrets: NaN }
}

/** Numbers that look random and are the same at every run. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; state = (state * 1_103_515_245 + 12_345) % 2 ** 31) yield state
}

function shuffle<T>(items: readonly T[], seed: number): T[] {
  const random = numbers(seed)
  random.next()
  return items.map((item) => ({ item, at: random.next().value as number })).sort((a, b) => a.at - b.at).map(({ item }) => item)
}

describe('saveUsageBatch()', () => {
  test('stores each request as it was', async () => {
    const one = use({ at, outcome: 'not_found', status: 404, userAgent: 'a "quoted" \\ {,} \0 Ünïcode' })
    expect(await save(batchOf([one, { ...one, requestId: newId('request'), secretVersion: 0, userAgent: null }]))).toBe(true)
    const common = {
      at, environment_id: one.environmentId, key_id: one.keyId, operation: 'contacts.get', outcome: 'not_found', status: 404,
      duration_us: 1_250, ip: '192.0.2.7',
    }
    expect((await recordsOf(one.environmentId)).toReversed()).toEqual([
      { ...common, request_id: one.requestId, secret_version: 1, user_agent: 'a "quoted" \\ {,}  Ünïcode' },
      expect.objectContaining({ ...common, secret_version: null, user_agent: null }),
    ])
  })

  test('changes nothing when the batch was saved before', async () => {
    const batch = batchOf([use({ at })])
    expect([await save(batch), await save(batch), await save(batch)]).toEqual([true, false, false])
    expect((await minutesOf(batch.counts[0]?.environmentId ?? newId('environment')))[0]?.requests).toBe(1)
  })

  test('of 20 twins at once counts once', async () => {
    const batch = batchOf([use({ at })])
    const saved = await Promise.all(Array.from({ length: 20 }, () => save(batch)))
    expect(saved.filter(Boolean)).toHaveLength(1)
    expect((await minutesOf(batch.counts[0]?.environmentId ?? newId('environment')))[0]?.requests).toBe(1)
  })

  test('delivered three times, out of order, late, over midnight, on many connections: all sums agree', async () => {
    const environments = [newId('environment'), newId('environment'), newId('environment')]
    const keys = [newId('key'), newId('key'), newId('key'), newId('key')]
    const random = numbers(7)
    const pick = <T>(items: readonly T[]) => items[(random.next().value as number) % items.length] as T
    const batches = Array.from({ length: 60 }, (_, index) => {
      const start = Date.parse('2026-11-20T23:00:00.000Z') + index * 120_000 // two hours around midnight
      const uses: TestUse[] = Array.from({ length: 20 }, () => use({
        environmentId: pick(environments), keyId: pick(keys), outcome: pick(['ok', 'not_found']),
        at: new Date(start + ((random.next().value as number) % 3_600_000)), // within an hour: some are late
      }))
      return batchOf(uses)
    })
    const deliveries = shuffle([...batches, ...batches, ...batches], 3)
    const saved = await Promise.all(deliveries.map((batch) => save(batch)))
    expect(saved.filter(Boolean)).toHaveLength(60)
    const ours = <T>(sums: Record<string, T>) => Object.fromEntries(Object.entries(sums).filter(([name]) => environments.some((id) => name.startsWith(id))))
    const { records, minutes, hours } = await sumsByHour(db)
    expect(Object.values(ours(records)).reduce((a, b) => a + b)).toBe(1_200)
    expect(Object.keys(ours(records)).length).toBeGreaterThan(6)
    expect(ours(minutes)).toEqual(ours(records))
    expect(ours(hours)).toEqual(ours(records))
    const days = await sumsByDay(db)
    expect(ours(days.days)).toEqual(ours(days.hours))
    expect(await partitionsOf(db, 'usage_requests')).toEqual(expect.arrayContaining(['usage_requests_20261120', 'usage_requests_20261121']))
  })

  test('of 20 nodes with the same keys in other orders loses nothing and does not deadlock', async () => {
    const environmentId = newId('environment')
    const keyIds = await Promise.all(Array.from({ length: 30 }, insertKey))
    const others = Array.from({ length: 470 }, () => newId('key')) // enough that batches meet in the middle of a statement
    const uses = () => [...keyIds, ...others].map((keyId) => use({ environmentId, keyId, at }))
    const lastUses = keyIds.flatMap((keyId) => [1, 2].map((secretVersion) => ({ keyId, secretVersion, at, ip: '192.0.2.7' })))
    await Promise.all(Array.from({ length: 20 }, (_, node) =>
      save(node % 2 ? batchOf(uses(), { lastUses }) : batchOf(uses().toReversed(), { lastUses: lastUses.toReversed() }))))
    const counted = await minutesOf(environmentId)
    expect(counted.map(({ requests }) => requests)).toEqual(Array.from({ length: 500 }, () => 20))
  })

  test('makes the partition of a day when it is missing, whoever else does', async () => {
    const day = new Date('2026-11-10T12:00:00.000Z')
    const batches = Array.from({ length: 10 }, () => batchOf([use({ at: day })], {
      attempts: [{ minute: day, sourceIp: '192.0.2.7', reason: 'invalid_key', claimedKeyId: null, attempts: 1, lastAt: day }],
    }))
    expect(await partitionsOf(db, 'usage_requests')).not.toContain('usage_requests_20261110')
    await Promise.all(batches.map((batch) => save(batch)))
    for (const table of ['usage_requests', 'usage_minutes', 'usage_attempts']) {
      expect(await partitionsOf(db, table)).toContain(`${table}_20261110`)
    }
  })

  test('counts a request of a closed day in the roll-ups only', async () => {
    const old = use({ at: new Date('2026-10-01T10:00:00.000Z') }) // older than records, not than minutes
    await save(batchOf([old]))
    expect(await recordsOf(old.environmentId)).toEqual([])
    expect(await minutesOf(old.environmentId)).toMatchObject([{ requests: 1, dropped: 0 }])
    const older = use({ at: new Date('2026-01-01T10:00:00.000Z') })
    await save(batchOf([older], {
      attempts: [{ minute: older.at, sourceIp: '192.0.2.7', reason: 'x', claimedKeyId: null, attempts: 1, lastAt: older.at }],
    }))
    expect(await minutesOf(older.environmentId)).toEqual([])
    expect(await usage.readSeries(db, older.environmentId, { from: older.at, to: now, step: 'hour' })).toEqual([
      { at: older.at, name: '', requests: 1 },
    ])
    expect(await partitionsOf(db, 'usage_minutes')).not.toContain('usage_minutes_20260101')
  })

  test('stores how many requests have no record', async () => {
    const batch = batchOf([use({ at }), use({ at })])
    const [first] = batch.counts
    await save({ ...batch, records: [], counts: batch.counts.map((count) => ({ ...count, dropped: 1 })) })
    const environmentId = first?.environmentId ?? newId('environment')
    const day = { from: new Date('2026-11-22T00:00:00.000Z'), to: new Date('2026-11-23T00:00:00.000Z') }
    expect(await usage.countDropped(db, environmentId, day)).toBe(1)
    expect(await usage.countDropped(db, newId('environment'), day)).toBe(0)
  })

  test('saves the rest of a batch when PostgreSQL refuses a record for ever', async () => {
    const [environmentId, keyId] = [newId('environment'), newId('key')]
    const uses = [70_000, 200, 200, 200].map((status) => use({ at, environmentId, keyId, status })) // no such status fits
    expect(await save(batchOf(uses))).toBe(true)
    expect(await recordsOf(environmentId)).toHaveLength(2) // the two of the other part
    expect(await minutesOf(environmentId)).toMatchObject([{ requests: 4, dropped: 2 }])
  })

  test('moves the last use of a key and of its secret versions forward only', async () => {
    const keyId = await insertKey()
    const seconds = (second: number) => new Date(at.getTime() + second * 1_000)
    const used = (second: number, secretVersion: number | null, ip: string) =>
      save(batchOf([], { lastUses: [{ keyId, secretVersion, at: seconds(second), ip }] }))
    await used(5, 1, '192.0.2.5')
    await used(3, 2, '192.0.2.3')
    await used(4, 1, '192.0.2.4')
    const key = () => db.selectFrom('keys').select(['last_used_at', 'last_used_ip']).where('id', '=', keyId).executeTakeFirst()
    const secrets = () => db.selectFrom('key_secrets').select(['version', 'last_used_at', 'last_used_ip'])
      .where('key_id', '=', keyId).orderBy('version').execute()
    expect(await key()).toEqual({ last_used_at: seconds(5), last_used_ip: '192.0.2.5' })
    expect(await secrets()).toEqual([
      { version: 1, last_used_at: seconds(5), last_used_ip: '192.0.2.5' },
      { version: 2, last_used_at: seconds(3), last_used_ip: '192.0.2.3' },
    ])
    await used(9, null, '192.0.2.9')
    expect(await key()).toEqual({ last_used_at: seconds(9), last_used_ip: '192.0.2.9' })
    await Promise.all(shuffle(Array.from({ length: 20 }, (_, i) => 10 + i), 5).map((second) => used(second, 2, `192.0.2.${second}`)))
    expect(await key()).toEqual({ last_used_at: seconds(29), last_used_ip: '192.0.2.29' })
    expect((await secrets())[1]).toEqual({ version: 2, last_used_at: seconds(29), last_used_ip: '192.0.2.29' })
  })

  test('updates the last use in place, without touching an index, but for the first of a day', async () => {
    await sql`vacuum keys, key_secrets`.execute(db) // what other tests left behind takes no room
    const keyId = await insertKey()
    const hot = await inTx(async (tx) => {
      const use = (second: number) => {
        const lastUses = [{ keyId, secretVersion: 1, at: new Date(at.getTime() + second * 1_000), ip: null }]
        return usage.saveUsageBatch(tx, { ...batchOf([], { lastUses }), now })
      }
      await use(0)
      const before = await hotUpdates(tx)
      for (const second of [1, 60, 86_399]) await use(second)
      const after = await hotUpdates(tx)
      return { keys: after.keys - before.keys, secrets: after.secrets - before.secrets }
    })
    expect(hot).toEqual({ keys: 3, secrets: 3 })
  })

  test('saves an empty batch', async () => {
    expect(await save(batchOf([]))).toBe(true)
  })
})
