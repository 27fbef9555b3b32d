import { nodes } from '@letterlock/db'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { after, createRotationRig, day, hour, start } from './rotation-rig.ts'

const rig = await createRotationRig()
const { management, createKey, rotate, secretsOf, codeOf, runSweeps, auditOf, alertsOf, use } = rig
const { db, state } = management
afterAll(() => management.database.drop())
beforeEach(async () => {
  state.now = start
  await db.deleteFrom('nodes').execute()
  await db.deleteFrom('usage_loss').execute()
  await nodes.heartbeat(db, { id: 'nod_one', roles: ['api'] })
})

const minute = 60_000
const untilSilent = { untilSilentFor: '1h', atMost: '30d' }

/** Moves the clock; the node says that it has saved what it was asked until then, and the sweeps run. */
async function sweepAt(ms: number, savedThrough: number | null = ms): Promise<void> {
  state.now = after(ms)
  if (savedThrough !== null) await nodes.noteUsageSaved(db, 'nod_one', after(savedThrough))
  await runSweeps()
}

const retirementOf = async (keyId: string, version: number) =>
  (await secretsOf(keyId)).find((each: { version: number }) => each.version === version).retirement

describe('a secret until silent', () => {
  test('is never retired while somebody uses it, and is retired once nobody has for that long', async () => {
    const key = await createKey()
    const rotated = (await rotate(key.keyId, untilSilent)).data
    let lastUse = 0
    for (let at = 10 * minute; at <= 2 * day; at += 50 * minute) {
      await use(key, 1, { at: after(at) })
      lastUse = at
      await sweepAt(at + 45 * minute)
      expect([at, await codeOf(key.secret)]).toEqual([at, 'ok'])
    }
    await sweepAt(lastUse + hour)
    expect(await codeOf(key.secret)).toBe('ok') // what was asked within the last two minutes is not settled
    await sweepAt(lastUse + hour + 2 * minute)
    expect([await codeOf(key.secret), await codeOf(rotated.secret)]).toEqual(['retired_secret', 'ok'])
    expect(await retirementOf(key.keyId, 1)).toMatchObject({
      cause: 'silent', retiredAt: state.now.toISOString(), evidence: { lastUsedAt: after(lastUse).toISOString(), lastUsedIp: '192.0.2.7' },
    })
  })

  test('that nobody ever used is retired that long after the rotation', async () => {
    const key = await createKey()
    await rotate(key.keyId, untilSilent)
    await sweepAt(hour)
    expect(await codeOf(key.secret)).toBe('ok')
    await sweepAt(hour + 2 * minute)
    expect(await codeOf(key.secret)).toBe('retired_secret')
    expect(await alertsOf(key.keyId)).toMatchObject([{ kind: 'key.secret_retired', detail: { cause: 'silent', version: 1 } }])
  })

  test('waits for every node to have saved its usage, and for one that has never said so', async () => {
    const key = await createKey()
    await rotate(key.keyId, untilSilent)
    await sweepAt(day, null)
    expect(await codeOf(key.secret)).toBe('ok')
    await sweepAt(day, 30 * minute)
    expect(await codeOf(key.secret)).toBe('ok')
    await nodes.heartbeat(db, { id: 'nod_two', roles: ['api'] })
    await sweepAt(day)
    expect(await codeOf(key.secret)).toBe('ok')
    await nodes.noteUsageSaved(db, 'nod_two', 'final')
    await sweepAt(day)
    expect(await codeOf(key.secret)).toBe('retired_secret')
  })

  test('begins anew when a node goes without having saved', async () => {
    const key = await createKey()
    await rotate(key.keyId, untilSilent)
    await nodes.heartbeat(db, { id: 'nod_lost', roles: ['api'] })
    await nodes.remove(db, 'nod_lost')
    await db.updateTable('usage_loss').set({ until: after(50 * minute) }).execute() // by the clock of the database otherwise
    await sweepAt(hour + 40 * minute)
    expect(await codeOf(key.secret)).toBe('ok')
    await sweepAt(hour + 53 * minute)
    expect(await codeOf(key.secret)).toBe('retired_secret')
  })

  test('of many sweeps at once is retired by one', async () => {
    const key = await createKey()
    await rotate(key.keyId, untilSilent)
    await nodes.noteUsageSaved(db, 'nod_one', 'final')
    state.now = after(day)
    await Promise.all(Array.from({ length: 5 }, runSweeps))
    expect(await auditOf('secrets.retire', key.keyId)).toHaveLength(1)
    expect(await alertsOf(key.keyId)).toHaveLength(1)
  })
})
