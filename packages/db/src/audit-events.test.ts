import { newId } from '@letterlock/contract'
import type { KeyToken } from '@letterlock/keys'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendAuditEvent, type Chain, installationChain, readChain, verifyChain } from './audit-events.ts'
import { hashOf } from './audit-hash.ts'
import { selectAuditEvents } from './audit-rows.ts'
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
    'the end cut off': ['cut', 4, sql`delete from audit_events where sequence > 3 and workspace_id = `],
    'the whole chain deleted': ['cut', 1, sql`delete from audit_events where workspace_id = `],
    'two rows swapped': ['unlinked', 2, sql`update audit_events set sequence = case sequence when 2 then -3 else -2 end where sequence in (2, 3) and workspace_id = `],
    'a row put at the end': ['unlinked', 6, sql`insert into audit_events select workspace_id, 6, id, at, actor, action, target, before,
      after, ip, request_id, revision, previous_hash, hash from audit_events where sequence = 5 and workspace_id = `],
    'a row exchanged for another': ['unlinked', 4, sql`update audit_events a set previous_hash = b.previous_hash, hash = b.hash
      from audit_events b where a.sequence = 4 and b.sequence = 5 and b.workspace_id = a.workspace_id and a.workspace_id = `],
    'its head removed': ['inserted', 1, sql`delete from audit_heads where workspace_id = `],
  } as const

  test.each(Object.entries(forgeries))('finds %s', async (_, [fault, brokenAt, forge]) => {
    const chain = newId('workspace')
    for (let i = 0; i < 5; i++) await change(chain)
    await sql`/* forgery */ ${forge}${chain}`.execute(database.db)
    await sql`/* forgery */ update audit_events set sequence = -sequence where sequence < 0`.execute(database.db)
    expect(await verifyChain(database.db, chain)).toMatchObject({ intact: false, brokenAt, fault })
    await change(chain)
    expect(await verifyChain(database.db, chain)).toMatchObject({ intact: false, brokenAt: expect.any(Number) })
  })

  test('finds a row that was put between others, which moved on to make room', async () => {
    const chain = newId('workspace')
    for (let i = 0; i < 5; i++) await change(chain)
    await sql`/* forgery */ update audit_events set sequence = -sequence - 1 where sequence >= 3 and workspace_id = ${chain}`.execute(database.db)
    await sql`/* forgery */ update audit_events set sequence = -sequence where sequence < 0`.execute(database.db)
    await forgeEnd(chain, 3)
    expect(await verifyChain(database.db, chain)).toMatchObject({ intact: false, fault: 'unlinked', brokenAt: 4 })
  })

  test('finds a row that an attacker put at the end and hashed as we do, and does so after more was appended', async () => {
    const chain = newId('workspace')
    for (let i = 0; i < 3; i++) await change(chain)
    await forgeEnd(chain, 4)
    expect(await verifyChain(database.db, chain)).toEqual({ intact: false, fault: 'inserted', brokenAt: 4, eventId: null })
    await change(chain)
    expect(await verifyChain(database.db, chain)).toMatchObject({ intact: false, fault: 'inserted', brokenAt: 4, eventId: expect.stringMatching(/^aud_/) })
  })

  test('finds a last row that was rewritten and hashed as we do', async () => {
    const chain = newId('workspace')
    for (let i = 0; i < 3; i++) await change(chain)
    await sql`/* forgery */ delete from audit_events where sequence = 3 and workspace_id = ${chain}`.execute(database.db)
    await forgeEnd(chain, 3)
    expect(await verifyChain(database.db, chain)).toMatchObject({ intact: false, fault: 'replaced', brokenAt: 3 })
  })

  test('finds by an expected end what was cut or rewritten together with the head', async () => {
    const chain = newId('workspace')
    for (let i = 0; i < 3; i++) await change(chain)
    const before = await verifyChain(database.db, chain)
    if (!before.intact) throw new Error('broken')
    await sql`/* forgery */ delete from audit_events where sequence = 3 and workspace_id = ${chain}`.execute(database.db)
    await sql`/* forgery */ update audit_heads h set sequence = 2, hash = e.hash from audit_events e
      where e.workspace_id = h.workspace_id and e.sequence = 2 and h.workspace_id = ${chain}`.execute(database.db)
    expect(await verifyChain(database.db, chain)).toMatchObject({ intact: true, events: 2 })
    const expected = before.head
    expect(await verifyChain(database.db, chain, { expected })).toEqual({ intact: false, fault: 'cut', brokenAt: 3, eventId: null })
    await change(chain)
    expect(await verifyChain(database.db, chain, { expected })).toMatchObject({ intact: false, fault: 'replaced', brokenAt: 3 })
  })

  test('says that an empty chain is intact', async () => {
    expect(await verifyChain(database.db, newId('workspace'))).toMatchObject({ intact: true, events: 0 })
  })

  test('is not confused by what is appended meanwhile, over many pages', async () => {
    const chain = newId('workspace')
    for (let i = 0; i < 520; i++) await change(chain)
    const writing = (async () => {
      for (let i = 0; i < 60; i++) await change(chain)
    })()
    const states = await Promise.all(Array.from({ length: 10 }, () => verifyChain(database.db, chain, { expected: undefined })))
    await writing
    expect(states.map(({ intact }) => intact)).toEqual(states.map(() => true))
    expect(await verifyChain(database.db, chain)).toMatchObject({ intact: true, events: 580 })
  })

  /** What somebody writes who can only write `audit_events`, and knows how it is hashed. */
  async function forgeEnd(chain: Chain, sequence: number): Promise<void> {
    const [last] = await readChain(database.db, chain, { after: sequence - 2, limit: 1 })
    if (!last) throw new Error('no such row')
    const { hash: previousHash, previous_hash: _, before: _before, after: _after, ...facts } = last
    const forged = { ...facts, sequence, id: newId('auditEvent'), actor: 'system', before: null, after: null }
    const row = { ...forged, previous_hash: previousHash, hash: hashOf(previousHash, forged) }
    await database.db.insertInto('audit_events').values(row).execute()
  }
})

describe('listAuditEvents()', () => {
  test.each([{}, { actor: 'system' }, { action: 'keys.create' }, { target: 'key_x' }, { from: now, to: new Date(now.getTime() + 1) }])('finds %o by an index', async (search) => {
    const chain = newId('workspace')
    await sql`/* forgery */ insert into audit_events select ${chain}, n, 'aud_' || n, ${now}::timestamptz + n * interval '1 minute', 'key_' || n % 50, 'keys.' || n % 50, 'key_' || n,
      null, null, null, null, n, '', '' from generate_series(1, 20000) n`.execute(database.db)
    await sql`analyze audit_events`.execute(database.db)
    const { rows } = await sql<Record<string, string>>`explain ${selectAuditEvents(database.db, chain, { limit: 20, before: 10_000, ...search })}`.execute(database.db)
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan).toContain('Index')
    expect(plan).not.toContain('Seq Scan')
  })
})

test('appendAuditEvent() takes no key and no digest, by type', () => {
  type Value = Parameters<typeof appendAuditEvent>[2]['after']
  const values: Value[] = [{ name: 'CI', scopes: ['a'], limit: 1, none: null }]
  const token = '' as KeyToken
  // @ts-expect-error a key is no public text
  values.push({ secret: token })
  // @ts-expect-error nor is it one deeper in
  values.push({ key: { tokens: [token] } })
  // @ts-expect-error bytes are no JSON
  values.push({ digest: new Uint8Array(32) })
  expect(values).toHaveLength(4)
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((text) => /audit_events|audit_heads|revisions/.test(text) && !text.startsWith('/*')).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/audit-events.sql')
})
