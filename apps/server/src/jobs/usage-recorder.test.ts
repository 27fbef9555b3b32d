import { newId } from '@letterlock/contract'
import { connect, type Db, usage } from '@letterlock/db'
import { createTestDatabase, testServerUrl } from '@letterlock/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { sweep } from './sweeps.ts'
import { type Use, UsageRecorder } from './usage-recorder.ts'

const database = await createTestDatabase({ max: 4 })
const { db } = database
const admin = connect({ connectionString: testServerUrl(), max: 1, applicationName: 'test-admin' })
afterAll(async () => {
  await database.drop()
  await admin.destroy()
})

const at = new Date('2026-11-22T23:59:30.000Z')
let environmentId = newId('environment')
beforeEach(() => {
  environmentId = newId('environment')
})

function use(more: Partial<Use> = {}): Use {
  return {
    requestId: newId('request'), principal: { keyId: newId('key'), environmentId }, claimedKeyId: null, secretVersion: 1,
    operationId: 'contacts.get', outcome: 'ok', status: 200, now: at, durationMs: 2.5, ip: '192.0.2.7', userAgent: 'curl/8', ...more,
  }
}

function recorderOn(target: Db, { onSaved }: { onSaved?: () => Promise<void> } = {}): UsageRecorder {
  return new UsageRecorder({
    async save(batch) {
      await target.transaction().execute((tx) => usage.saveUsageBatch(tx, { ...batch, now: at }))
      await onSaved?.()
    },
    newBatchId: () => newId('request'),
    onError: () => undefined,
  })
}

async function counted(): Promise<{ records: number; minutes: number; hours: number; days: number; dropped: number }> {
  const { rows } = await sql<Awaited<ReturnType<typeof counted>>>`select
    (select count(*) from usage_requests where environment_id = ${environmentId}) as records,
    (select coalesce(sum(requests), 0)::int from usage_minutes where environment_id = ${environmentId}) as minutes,
    (select coalesce(sum(dropped), 0)::int from usage_minutes where environment_id = ${environmentId}) as dropped,
    (select coalesce(sum(requests), 0)::int from usage_hours where environment_id = ${environmentId}) as hours,
    (select coalesce(sum(requests), 0)::int from usage_days where environment_id = ${environmentId}) as days`.execute(db)
  return rows[0] ?? { records: 0, minutes: 0, hours: 0, days: 0, dropped: 0 }
}

const all = (count: number) => ({ records: count, minutes: count, hours: count, days: count, dropped: 0 })

/** Nobody gets in, and who is in is thrown out. */
async function closeDatabase(): Promise<string> {
  const name = new URL(database.connectionString).pathname.slice(1)
  await sql`alter database ${sql.id(name)} allow_connections false`.execute(admin)
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`.execute(admin)
  return name
}

const openDatabase = (name: string) => sql`alter database ${sql.id(name)} allow_connections true`.execute(admin)

describe('UsageRecorder', () => {
  test('stop() saves what was recorded, the last uses included', async () => {
    const recorder = recorderOn(db)
    recorder.start(60_000)
    const principal = { keyId: newId('key'), environmentId }
    await db.insertInto('keys').values({
      id: principal.keyId, mode: 'root', name: 'k', scopes: [], status: 'active', created_at: at, updated_at: at,
    }).execute()
    for (let second = 0; second < 25; second++) recorder.record(use({ principal, now: new Date(at.getTime() + second * 1_000) }))
    await recorder.flush()
    for (let second = 25; second < 50; second++) recorder.record(use({ principal, now: new Date(at.getTime() + second * 1_000) })) // over midnight
    recorder.record(use({ principal: null, outcome: 'invalid_key', status: 401, claimedKeyId: newId('key') }))
    await recorder.stop()
    expect(await counted()).toEqual(all(50))
    expect(recorder.state()).toEqual({ requests: 0, counts: 0, records: 0, attempts: 0, dropped: 0 })
    const key = await db.selectFrom('keys').select('last_used_at').where('id', '=', principal.keyId).executeTakeFirst()
    expect(key?.last_used_at).toEqual(new Date(at.getTime() + 49_000))
    const attempts = await usage.listAttempts(db, { from: new Date(at.getTime() - 60_000), to: new Date(at.getTime() + 60_000), limit: 9 })
    expect(attempts).toMatchObject([{ sourceIp: '192.0.2.7', reason: 'invalid_key', attempts: 1 }])
  })

  test('keeps what it cannot save while the database is out, and saves it once when it is back', async () => {
    const recorder = recorderOn(db)
    recorder.record(use())
    await recorder.flush()
    recorder.record(use())
    const name = await closeDatabase()
    try {
      await expect(recorder.flush()).rejects.toThrow(/accepting connections|terminat|ECONNRESET/i)
      recorder.record(use())
      await expect(recorder.flush()).rejects.toThrow(/accepting connections|terminat|ECONNRESET/i)
      recorder.record(use({ now: new Date(at.getTime() - 3_600_000) }))
      await expect(recorder.stop()).rejects.toThrow('the usage of 3 requests could not be saved')
    } finally {
      await openDatabase(name)
    }
    expect(await counted()).toEqual(all(1))
    await recorder.stop()
    expect(await counted()).toEqual(all(4))
  })

  test('stop() gives a database up that says nothing, and says what is lost', async () => {
    const options = { newBatchId: () => newId('request'), onError: () => undefined, stopMs: 50 }
    const recorder = new UsageRecorder({ ...options, save: () => new Promise(() => {}) })
    recorder.start(5)
    for (let i = 0; i < 3; i++) recorder.record(use())
    await new Promise((resolve) => setTimeout(resolve, 30)) // a save is under way
    const startedAt = performance.now()
    await expect(recorder.stop()).rejects.toThrow('the usage of 3 requests could not be saved')
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  test('counts once what was committed by a connection that broke before it could say so', async () => {
    let broken = true
    const recorder = recorderOn(db, {
      async onSaved() {
        if (broken) throw new Error('the connection broke')
      },
    })
    recorder.record(use())
    await expect(recorder.flush()).rejects.toThrow('the connection broke')
    await expect(recorder.flush()).rejects.toThrow('the connection broke')
    broken = false
    recorder.record(use())
    await recorder.flush()
    expect(await counted()).toEqual(all(2))
  })

  test('of many nodes at once agrees in all sums', async () => {
    const principals = Array.from({ length: 5 }, () => ({ keyId: newId('key'), environmentId }))
    const nodes = Array.from({ length: 4 }, () => recorderOn(db))
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < 100; index++) {
        const [node, principal] = [nodes[index % 4], principals[index % 5]]
        node?.record(use({ ...(principal && { principal }), now: new Date(at.getTime() + ((index * 37) % 60) * 60_000) }))
      }
      await Promise.all(nodes.map((node) => node.flush()))
    }
    expect(await counted()).toEqual(all(500))
  })
})

test('sweep() makes the days of usage to come, and drops those beyond their age', async () => {
  const now = new Date('2027-03-01T00:00:00.000Z')
  await sweep({ db, clock: () => now }, (error) => { throw error })
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid where relkind = 'r'`.execute(db)
  const days = rows.map(({ name }) => name.slice(-8))
  expect(new Set(days)).toEqual(new Set(['20270301', '20270302', '20270303', '20270304', '20270305', '20270306', '20270307', '20270308']))
})
