import { nodes, usage } from '@letterlock/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lookForUnusualUse } from '../../src/jobs/unusual/look-for-unusual-use.ts'
import { after, createRotationRig, day, hour, type RotationRig, start } from './rotation-rig.ts'

let rig: RotationRig
beforeAll(async () => {
  rig = await createRotationRig()
  const { db } = rig.management
  for (let ahead = -30; ahead <= 40; ahead++) await usage.createPartitionsAhead(db, after(ahead * day))
  await nodes.heartbeat(db, { id: 'nod_one', roles: ['api'] })
})
afterAll(() => rig.management.database.drop())

const minute = 60_000

/** Everything up to a time is saved, and the sweep looks at it. */
async function lookAt(ms: number): Promise<void> {
  rig.management.state.now = after(ms)
  await nodes.noteUsageSaved(rig.management.db, 'nod_one', after(ms))
  await lookForUnusualUse(rig.management)
}

const kindsOf = async (keyId: string) =>
  (await rig.alertsOf(keyId)).map(({ kind, detail }: { kind: string; detail: { action: string } }) => `${kind} ${detail.action}`).sort()

test('habits are learnt from records of four weeks, in which nobody is told of anything, and alerts come from then on, once a day', async () => {
  const [key, quiet, fresh] = [await rig.createKey(), await rig.createKey(), await rig.createKey()]
  for (let ago = 25; ago > 0; ago--) {
    await rig.use(key, 1, { at: after(-ago * day), ip: '192.0.2.7', requests: ago === 3 ? 300 : 20 })
    await rig.use(quiet, 1, { at: after(-ago * day), ip: '192.0.2.8' })
  }
  rig.management.state.now = after(0)
  await lookAt(0)
  expect(await kindsOf(key.keyId)).toEqual([])
  expect(await kindsOf(quiet.keyId)).toEqual([])

  await rig.use(key, 1, { at: after(hour), ip: '203.0.113.66', requests: 3 })
  await rig.use(key, 1, { at: after(hour + minute), ip: '192.0.2.7' })
  await rig.use(key, 1, { at: after(hour + 2 * minute), ip: '192.0.2.7', requests: 2_000 })
  await rig.use(fresh, 1, { at: after(hour), ip: '203.0.113.66', requests: 500 })
  await lookAt(hour + 5 * minute)
  expect(await kindsOf(key.keyId)).toEqual([]) // the ten minutes are not over
  await lookAt(hour + 13 * minute)
  expect(await kindsOf(key.keyId)).toEqual(['key.two_places keys.quarantine', 'key.volume_jump advice.accept'])
  const [alert] = (await rig.alertsOf(key.keyId)).filter(({ kind }: { kind: string }) => kind === 'key.two_places')
  expect(alert).toMatchObject({
    at: after(hour).toISOString(),
    detail: { network: '203.0.113.0/24', other: '192.0.2.0/24', requests: 3, explanation: expect.stringContaining('never was in two places at once') },
  })

  await rig.use(key, 1, { at: after(2 * hour), ip: '100.64.7.7' })
  await lookAt(3 * hour)
  await lookAt(3 * hour)
  expect((await kindsOf(key.keyId)).filter((kind: string) => kind.startsWith('key.two_places'))).toHaveLength(1)
  expect(await kindsOf(quiet.keyId)).toEqual([])
  expect(await kindsOf(fresh.keyId)).toEqual([]) // not known yet
})

test('one key says nothing of another, and what several nodes look at is told once', async () => {
  const key = await rig.createKey()
  for (let turn = 4; turn < 30; turn++) await rig.use(key, 1, { at: after(turn * day), ip: '192.0.2.7' })
  await lookAt(30 * day)
  await rig.use(key, 1, { at: after(30 * day + hour), ip: '203.0.113.66' })
  rig.management.state.now = after(30 * day + 2 * hour)
  await nodes.noteUsageSaved(rig.management.db, 'nod_one', rig.management.state.now)
  await Promise.all(Array.from({ length: 6 }, () => lookForUnusualUse(rig.management)))
  await lookForUnusualUse(rig.management)
  expect(await kindsOf(key.keyId)).toEqual(['key.new_network keys.quarantine'])
})

test('what a node has not saved yet is waited for', async () => {
  const key = await rig.createKey()
  for (let turn = 8; turn < 32; turn++) await rig.use(key, 1, { at: after(turn * day + 3 * hour), ip: '192.0.2.7' })
  await nodes.heartbeat(rig.management.db, { id: 'nod_two', roles: ['api'] })
  await lookAt(33 * day)
  await nodes.noteUsageSaved(rig.management.db, 'nod_two', after(32 * day))
  await lookForUnusualUse(rig.management)
  const { through } = await rig.management.db.selectFrom('unusual_use_progress').select('through').executeTakeFirstOrThrow()
  expect(through).toEqual(after(32 * day - 10 * minute)) // two minutes more, whole tens of minutes
  expect(start.getTime() % (10 * minute)).toBe(0)
})
