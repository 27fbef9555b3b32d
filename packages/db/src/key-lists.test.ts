import { type KeyId, newId, type RoleId, type WorkspaceId } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countKeys, inOrderOfIndex, type KeyFilter, listKeys, lockKeys, mostLookedAt, selectPage } from './key-lists.ts'
import { touchLastUsed } from './key-uses.ts'
import type { WorkspaceKeyRow } from './keys.ts'
import { insertRole } from './roles.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import { insertWorkspace } from './workspaces.ts'

const statements = new Set<string>()
const now = new Date('2026-11-22T00:00:00.000Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000)
const bigSize = 30_000
const smallSize = 500

let database: TestDatabase
let roleId: RoleId
let big: WorkspaceId
let small: WorkspaceId
beforeAll(async () => {
  database = await createTestDatabase({ onQuery: (text) => statements.add(text) })
  const { db } = database
  const workspaces = Array.from({ length: 61 }, () => ({
    id: newId('workspace'), name: 'Acme', liveEnvironmentId: newId('environment'), testEnvironmentId: newId('environment'), now,
  }))
  await db.transaction().execute(async (tx) => {
    for (const workspace of workspaces) await insertWorkspace(tx, workspace)
  })
  big = workspaces[0]?.id ?? newId('workspace')
  small = workspaces[1]?.id ?? newId('workspace')
  roleId = newId('role')
  await db.transaction().execute((tx) => insertRole(tx, null, { id: roleId, name: 'Sender', scopes: ['emails:send'], now }))
  for (const [index, { id }] of workspaces.entries()) await fill(id, index, index === 0 ? bigSize : smallSize)
  await sql`vacuum analyze keys`.execute(db)
})
afterAll(() => database.drop())

/** A key an hour, back from now, in every state that a filter tells apart; in the big workspace none of the last third was used. */
async function fill(workspaceId: WorkspaceId, index: number, count: number) {
  await sql`
    insert into keys (id, mode, workspace_id, environment_id, name, scopes, role_id, status, revoked_at, expires_at, created_by, owner, created_at, updated_at, last_used_at, last_used_floor)
    select 'key_' || lpad(${index}::text, 3, '0') || lpad((${count}::int - i)::text, 23, '0'),
      case when i % 3 = 0 then 'test' else 'live' end, ${workspaceId}, e.id, 'Key',
      case when i % 7 = 0 then '{contacts:read,lists:read}'::text[] when i = ${count} then '{usage:read}' else '{contacts:read}' end,
      case when i % 11 = 0 then ${roleId} end,
      case when i % 5 = 0 then 'revoked' when i % 5 = 1 then 'disabled' else 'active' end, case when i % 5 = 0 then made.at end,
      case when i % 4 = 0 then made.at + interval '60 days' when i % 4 = 2 then made.at + interval '1 day' end,
      case when i % 4 = 0 then 'key_maker' else 'system' end, case when i % 6 = 0 then 'ada' end, made.at, made.at,
      case when i % 9 <> 0 then used.at end, case when i % 9 <> 0 then used.at - interval '12 hours' else made.at end
    from generate_series(1, ${count}::int) as n (i)
    cross join lateral (select ${now}::timestamptz - i * interval '10 minutes' as at) as made
    cross join lateral (select made.at + (i % 50) * interval '3 hours' as at) as used
    join environments e on e.workspace_id = ${workspaceId} and e.mode = case when i % 3 = 0 then 'test' else 'live' end
  `.execute(database.db)
}

const filters: Record<string, Omit<KeyFilter, 'now'>> = {
  'nothing': {},
  'status active': { status: 'active' },
  'status disabled': { status: 'disabled' },
  'status revoked': { status: 'revoked' },
  'status expired': { status: 'expired' },
  'mode': { mode: 'test' },
  'owner': { owner: 'ada' },
  'createdBy': { createdBy: 'key_maker' },
  'scope': { scope: 'lists:read' },
  'scope of a role': { scope: 'emails:send' },
  'unusedSince': { unusedSince: daysAgo(3) },
  'expiringBefore': { expiringBefore: daysAgo(-58) },
  'all at once': {
    status: 'active', mode: 'test', owner: 'ada', createdBy: 'key_maker', scope: 'contacts:read', unusedSince: daysAgo(1), expiringBefore: daysAgo(-59.8),
  },
}
/** What nothing in the big workspace is. */
const misses: Record<string, Omit<KeyFilter, 'now'>> = {
  'an owner of nothing': { owner: 'nobody' },
  'a maker of nothing': { createdBy: 'nobody' },
  'a scope of nothing': { scope: 'campaigns:send' },
  'unused for years': { unusedSince: daysAgo(2_000) },
  'expiring long ago': { expiringBefore: daysAgo(2_000) },
  'active and revoked owners at once': { status: 'revoked', owner: 'nobody', mode: 'test' },
}

/** The filter once more, over rows in memory. */
function isTrueOf({ status, mode, owner, createdBy, scope, unusedSince, expiringBefore }: Omit<KeyFilter, 'now'>) {
  return (key: WorkspaceKeyRow): boolean => {
    const isOver = key.expires_at !== null && key.expires_at <= now
    return (
      (status === undefined || status === (key.status === 'active' && isOver ? 'expired' : key.status)) &&
      (mode === undefined || key.mode === mode) && (owner === undefined || key.owner === owner) &&
      (createdBy === undefined || key.created_by === createdBy) &&
      (scope === undefined || key.scopes.includes(scope) || (key.role_scopes ?? []).includes(scope)) &&
      (unusedSince === undefined || (key.last_used_at ?? key.created_at) < unusedSince) &&
      (expiringBefore === undefined || (key.expires_at !== null && key.expires_at < expiringBefore))
    )
  }
}

async function walk(workspaceId: WorkspaceId, filter: Omit<KeyFilter, 'now'>, limit: number) {
  const found: WorkspaceKeyRow[] = []
  let pages = 0
  for (let before: string | undefined; ;) {
    const { rows, lookedAtUntil } = await listKeys(database.db, workspaceId, { ...filter, now, limit, before })
    pages += 1
    found.push(...rows.slice(0, limit))
    before = rows.length > limit ? rows[limit - 1]?.id : (lookedAtUntil ?? undefined)
    if (before === undefined) return { found, pages }
  }
}

const ids = (rows: readonly { id: KeyId }[]) => rows.map(({ id }) => id)

describe('listKeys()', () => {
  test.each(Object.entries({ ...filters, ...misses }))('by %s answers exactly the keys it is true of, newest first', async (name, filter) => {
    const all = (await listKeys(database.db, small, { now, limit: smallSize })).rows
    expect(all).toHaveLength(smallSize)
    const wanted = all.filter(isTrueOf(filter))
    expect(ids((await walk(small, filter, 7)).found)).toEqual(ids(wanted))
    expect(await countKeys(database.db, small, { ...filter, now })).toBe(wanted.length)
    expect(name in filters).toBe(wanted.length > 0)
  })

  test('by a rare scope looks at a bounded number of keys, says where it stopped, and misses none', async () => {
    const filter = { scope: 'usage:read' }
    const first = await listKeys(database.db, big, { ...filter, now, limit: 20 })
    expect(first).toEqual({ rows: [], lookedAtUntil: expect.stringMatching(/^key_/) })
    const { found, pages } = await walk(big, filter, 20)
    expect(ids(found)).toEqual(['key_00000000000000000000000000'])
    expect(pages).toBe(bigSize / mostLookedAt + 1) // the last one finds that nothing is left
  })

  test('by unusedSince is exact to the millisecond, whenever the key was used', async () => {
    const [key] = (await listKeys(database.db, small, { now, limit: 1, owner: 'ada' })).rows
    const id = key?.id ?? newId('key')
    const isUnused = async (since: Date) => (await walk(small, { unusedSince: since }, 100)).found.some((row) => row.id === id)
    for (const hours of [0.001, 1, 23, 24, 25, 49]) {
      const at = new Date(now.getTime() + (720 + hours) * 3_600_000)
      await touchLastUsed(database.db, [{ keyId: id, at }])
      expect([hours, await isUnused(at), await isUnused(new Date(at.getTime() + 1))]).toEqual([hours, false, true])
    }
  })
})

describe('selectPage()', () => {
  const cases = Object.entries({ ...filters, ...misses }).flatMap(([name, filter]) => (
    [big, small].map((_, index) => [name, index === 0 ? 'big' : 'small', filter] as const)))

  test.each(cases)('by %s reads keys of a %s workspace in the order of an index, first page and last', async (_, size, filter) => {
    const workspaceId = size === 'big' ? big : small
    const last = size === 'big' ? 'key_00000000000000000000001000' : undefined
    for (const before of [undefined, last]) {
      const plan = JSON.stringify(await inOrderOfIndex(database.db, (tx) => (
        selectPage(tx, workspaceId, { ...filter, now, limit: 20, before }).explain('json'))))
      expect(plan).toContain('"Index Name":"keys_listed"')
      expect(plan).not.toMatch(/"Node Type":"(Sort|Seq Scan|Bitmap Heap Scan)"/)
    }
  })

  test.each(cases.filter(([, size]) => size === 'big'))('by %s touches few pages of a %s workspace, whatever it finds', async (_, _size, filter) => {
    const [plan] = await inOrderOfIndex(database.db, (tx) => (
      selectPage(tx, big, { ...filter, now, limit: 20 }).explain('json', sql`analyze, buffers`))) as [
      { 'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }] }]
    const { 'Shared Hit Blocks': hit, 'Shared Read Blocks': read } = plan['QUERY PLAN'][0].Plan
    expect(hit + read).toBeLessThan(mostLookedAt + 1_500) // the pages of the index, and a row of the table for each key looked at
  })
})

describe('lockKeys()', () => {
  test('answers the oldest with their status, as many as asked', async () => {
    const locked = await database.db.transaction().execute((tx) => lockKeys(tx, small, { status: 'active', now, limit: 3 }))
    const all = (await walk(small, { status: 'active' }, 100)).found
    expect(locked).toEqual(all.slice(-3).reverse().map(({ id, status }) => ({ id, status })))
  })
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((text) => /keys.*order by "id"|count\(\*\)/.test(text) && !/explain/.test(text)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/key-lists.sql')
})
