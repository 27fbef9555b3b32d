import { newId } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendAuditEvent, type Chain, installationChain, verifyChain } from './audit-events.ts'
import { currentRevision, raiseRevision } from './revisions.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

const statements = new Set<string>()
const now = new Date('2026-11-22T09:30:00.123Z')

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ onQuery: (text) => statements.add(text) })
})
afterAll(() => database.drop())

function change(chain: Chain, after: Parameters<typeof appendAuditEvent>[2]['after'] = { name: 'CI' }) {
  return database.db.transaction().execute(async (tx) => {
    const target = newId('key')
    const revision = await raiseRevision(tx, [{ kind: 'key', id: target }], now)
    await appendAuditEvent(tx, chain, {
      actor: 'system', action: 'keys.create', target, before: null, after, ip: '192.0.2.7', requestId: newId('request'), revision, now,
    })
    return { revision, target }
  })
}

describe('raiseRevision()', () => {
  test('gives every one of 30 transactions at once its own number and logs its change', async () => {
    const before = await currentRevision(database.db)
    const made = await Promise.all(Array.from({ length: 30 }, () => change(newId('workspace'))))
    const numbers = made.map(({ revision }) => revision).sort((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: 30 }, (_, i) => before + 1 + i))
    const logged = await database.db.selectFrom('change_log').select(['revision', 'kind', 'id', 'at']).where('revision', '>', before).orderBy('revision').execute()
    expect(logged).toEqual(
      made.toSorted((a, b) => a.revision - b.revision).map(({ revision, target }) => ({ revision, kind: 'key', id: target, at: now })),
    )
  })

  test('is undone with its transaction', async () => {
    const before = await currentRevision(database.db)
    const work = database.db.transaction().execute(async (tx) => {
      await raiseRevision(tx, [{ kind: 'workspace', id: 'ws_a' }, { kind: 'key', id: 'key_a' }], now)
      throw new Error('undo')
    })
    await expect(work).rejects.toThrow('undo')
    expect(await currentRevision(database.db)).toBe(before)
  })
})

describe('appendAuditEvent()', () => {
  test('keeps a chain gapless and whole under 30 writers at once', async () => {
    await Promise.all(Array.from({ length: 30 }, () => change(installationChain)))
    expect(await verifyChain(database.db, installationChain)).toMatchObject({ intact: true, events: 30 })
  })

  test('hashes values as PostgreSQL gives them back', async () => {
    const chain = newId('workspace')
    const after = { z: 1, a: [1.5, -0, 1e21, 'ü\u2028"\\'], nested: { b: true, a: null, dropped: undefined }, 10: 'x', 9: 'y' }
    await change(chain, after)
    await change(chain, null)
    expect(await verifyChain(database.db, chain)).toMatchObject({ intact: true, events: 2 })
  })
})

describe('verifyChain()', () => {
  const forgeries = {
    'a changed value': ['changed', 3, sql`update audit_events set after = '{"name":"else"}' where sequence = 3 and workspace_id = `],
    'a changed time': ['changed', 2, sql`update audit_events set at = at + interval '1 second' where sequence = 2 and workspace_id = `],
    'a changed actor': ['changed', 4, sql`update audit_events set actor = 'key_b' where sequence = 4 and workspace_id = `],
    'a deleted row': ['missing', 2, sql`delete from audit_events where sequence = 2 and workspace_id = `],
    'the first row deleted': ['missing', 1, sql`delete from audit_events where sequence = 1 and workspace_id = `],
    'an inserted row': ['unlinked', 6, sql`insert into audit_events select workspace_id, 6, id, at, actor, action, target, before,
      after, ip, request_id, revision, previous_hash, hash from audit_events where sequence = 5 and workspace_id = `],
    'a row exchanged for another': ['unlinked', 4, sql`update audit_events a set previous_hash = b.previous_hash, hash = b.hash
      from audit_events b where a.sequence = 4 and b.sequence = 5 and b.workspace_id = a.workspace_id and a.workspace_id = `],
  } as const

  test.each(Object.entries(forgeries))('finds %s', async (_, [fault, brokenAt, forge]) => {
    const chain = newId('workspace')
    for (let i = 0; i < 5; i++) await change(chain)
    await sql`/* forgery */ ${forge}${chain}`.execute(database.db)
    expect(await verifyChain(database.db, chain)).toEqual({ intact: false, brokenAt, fault })
  })

  test('answers another head when the end of a chain was cut off', async () => {
    const chain = newId('workspace')
    for (let i = 0; i < 3; i++) await change(chain)
    const before = await verifyChain(database.db, chain)
    await sql`/* forgery */ delete from audit_events where sequence = 3 and workspace_id = ${chain}`.execute(database.db)
    const after = await verifyChain(database.db, chain)
    expect(after).toMatchObject({ intact: true, events: 2 })
    expect(after).not.toEqual(before)
  })

  test('says that an empty chain is intact', async () => {
    expect(await verifyChain(database.db, newId('workspace'))).toMatchObject({ intact: true, events: 0 })
  })
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((text) => /audit_events|revisions/.test(text) && !text.startsWith('/*')).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/audit-events.sql')
})
