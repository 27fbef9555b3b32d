import { sql } from 'kysely'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import * as revisions from './revisions.ts'
import { createTestDatabase } from './testing.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 30, onQuery: (text) => statements.add(text) })
afterAll(drop)
beforeEach(async () => {
  await sql`truncate change_log`.execute(db)
  await sql`update revisions set revision = 0, pruned_through = 0`.execute(db)
})

const start = new Date('2026-11-22T09:30:00.000Z')
const at = (seconds: number) => new Date(start.getTime() + seconds * 1_000)

function raise(second: number, ...ids: string[]): Promise<number> {
  const [first = 'key_0', ...rest] = ids
  const change = (id: string) => ({ kind: 'key', id }) as const
  return db.transaction().execute((tx) => revisions.raiseRevision(tx, [change(first), ...rest.map(change)], at(second)))
}

async function raiseMany(times: number): Promise<void> {
  await sql`insert into change_log (revision, kind, id, at)
    select n, 'key', 'key_' || n, ${at(0)} from generate_series(1, ${times}::int) as n`.execute(db)
  await sql`update revisions set revision = ${times}`.execute(db)
}

describe('raiseRevision()', () => {
  test('takes several changes at one revision, and the same one twice', async () => {
    expect(await raise(0, 'key_b', 'key_a', 'key_b')).toBe(1)
    const changes = [{ kind: 'key', id: 'key_a' }, { kind: 'key', id: 'key_b' }]
    expect(await revisions.listChanges(db, 0)).toMatchObject({ revision: 1, changes })
  })
})

describe('listChanges()', () => {
  test('answers 10 000 changes one by one, and all for one more', async () => {
    await raiseMany(10_001)
    const { changes } = await revisions.listChanges(db, 1)
    expect(changes).toHaveLength(10_000)
    expect(changes[0]).toEqual({ kind: 'key', id: 'key_2' })
    expect(changes.at(-1)).toEqual({ kind: 'key', id: 'key_10001' })
    expect(await revisions.listChanges(db, 0)).toMatchObject({ revision: 10_001, changes: 'all' })
  })

  test('lists what came after a revision with the stamp it had, and all after another stamp', async () => {
    const stamps = [(await revisions.listChanges(db, null)).stamp]
    for (const second of [1, 2]) {
      await raise(second, 'key_a', 'key_b')
      stamps.push((await revisions.listChanges(db, null)).stamp)
    }
    expect(new Set(stamps).size).toBe(3)
    const counts = stamps.map(async (stamp, after) => (await revisions.listChanges(db, after, stamp)).changes.length)
    expect(await Promise.all(counts)).toEqual([4, 2, 0])
    for (const after of [1, 2]) expect(await revisions.listChanges(db, after, stamps[0] ?? '')).toMatchObject({ changes: 'all' })
  })

  test('answers all at the first time and for a revision of the future', async () => {
    await raise(0, 'key_a')
    for (const after of [null, 2]) expect(await revisions.listChanges(db, after)).toMatchObject({ revision: 1, changes: 'all' })
    expect(await revisions.listChanges(db, 1)).toMatchObject({ revision: 1, changes: [] })
  })
})

describe('pruneChangeLog()', () => {
  test('tells whoever lags behind what was pruned that everything may have changed', async () => {
    for (const second of [1, 2, 3, 4]) await raise(second, `key_${second}`)
    expect(await revisions.pruneChangeLog(db, { before: at(3) })).toBe(2)
    for (const after of [0, 1]) expect(await revisions.listChanges(db, after)).toMatchObject({ revision: 4, changes: 'all' })
    const rest = [{ kind: 'key', id: 'key_3' }, { kind: 'key', id: 'key_4' }]
    expect(await revisions.listChanges(db, 2)).toMatchObject({ revision: 4, changes: rest })
    expect(await revisions.listChanges(db, 3)).toMatchObject({ revision: 4, changes: rest.slice(1) })
  })

  test('prunes nothing when nothing is old', async () => {
    await raise(5, 'key_a')
    expect(await revisions.pruneChangeLog(db, { before: at(5) })).toBe(0)
    expect(await revisions.listChanges(db, 0)).toMatchObject({ revision: 1, changes: [{ kind: 'key', id: 'key_a' }] })
  })

  test('leaves no hole when the clocks of two nodes differ', async () => {
    await raise(9, 'key_a')
    await raise(1, 'key_b')
    await raise(9, 'key_c')
    expect(await revisions.pruneChangeLog(db, { before: at(5) })).toBe(2)
    for (const after of [0, 1]) expect(await revisions.listChanges(db, after)).toMatchObject({ changes: 'all' })
    expect(await revisions.listChanges(db, 2)).toMatchObject({ changes: [{ kind: 'key', id: 'key_c' }] })
  })

  test('prunes more than it takes at once', async () => {
    await raiseMany(25_000)
    expect(await revisions.pruneChangeLog(db, { before: at(1) })).toBe(25_000)
    expect(await revisions.listChanges(db, 24_999)).toMatchObject({ revision: 25_000, changes: 'all' })
    expect(await revisions.listChanges(db, 25_000)).toMatchObject({ revision: 25_000, changes: [] })
  })

  test('lets no reader miss a change while 10 writers raise and 3 prune all the time', async () => {
    const total = 200
    const written = new Map<number, string>()
    let isDone = false
    const writers = Array.from({ length: 10 }, async (_, writer) => {
      for (let step = 0; step < total / 10; step++) {
        const id = `key_${writer}_${step}`
        written.set(await raise(0, id), id)
      }
    })
    const pruners = Array.from({ length: 3 }, async () => {
      while (!isDone) await revisions.pruneChangeLog(db, { before: at(1) })
    })
    const answers: { from: number; to: number; changes: revisions.ChangesSince['changes'] }[] = []
    const readers = [0, 1, 5].map(async (lag) => {
      let seen = 0
      while (seen < total) {
        const from = Math.max(0, seen - lag)
        const { revision: to, changes } = await revisions.listChanges(db, from)
        answers.push({ from, to, changes })
        seen = to
      }
    })
    await Promise.all([...writers, ...readers])
    isDone = true
    await Promise.all(pruners)
    for (const { from, to, changes } of answers) {
      const between = Array.from({ length: to - from }, (_, index) => written.get(from + index + 1))
      if (changes !== 'all') expect(changes.map(({ id }) => id)).toEqual(between)
    }
    expect(answers.some(({ changes }) => changes === 'all')).toBe(true)
    expect(answers.some(({ changes }) => changes !== 'all' && changes.length > 0)).toBe(true)
  })
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((text) => /change_log|revisions/.test(text) && !/truncate|generate_series|^update/.test(text)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/revisions.sql')
})
