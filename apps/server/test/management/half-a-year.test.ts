import { type EnvironmentId, newId } from '@letterlock/contract'
import { meters, nodes } from '@letterlock/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRotationRig, day, type RotationRig } from './rotation-rig.ts'

const minute = 60_000
const began = new Date('2027-01-01T09:00:00Z')
const ended = new Date('2027-07-02T09:00:00Z')
const timeOf = (date: string) => new Date(`2027-${date}Z`)

let rig: RotationRig
beforeAll(async () => {
  rig = await createRotationRig()
  rig.management.state.now = began
  await nodes.heartbeat(rig.management.db, { id: 'nod_one', roles: ['api'] })
})
afterAll(() => rig.management.database.drop())

/** What the passing of time has done in the half-year, in its order: each thing once, to the minute. */
const expected = [
  '01-24T09:00 key.unused Forgotten 7d',
  '01-30T09:00 key.unused Forgotten 1d',
  '01-31T09:00 key.rotation_due Forgotten 1 30d',
  '01-31T09:00 key.rotation_due Nightly 1 30d',
  '01-31T09:00 key.rotation_due Shop 1 30d',
  '01-31T09:02 key.unused Forgotten', // two minutes of use may not be saved yet
  '01-31T09:02 keys.disable Forgotten',
  '02-02T00:00 statement 2027-01 889', // of 900: the workspace came nine hours after the month began
  '02-23T09:00 key.rotation_due Nightly 1 7d',
  '02-23T09:00 key.rotation_due Shop 1 7d',
  '03-01T09:00 key.rotation_due Nightly 1 1d',
  '03-01T09:00 key.rotation_due Shop 1 1d',
  '03-02T00:00 statement 2027-02 900',
  '03-02T09:00 key.expiring Nightly 30d',
  '03-02T09:00 key.expiring Shop 30d',
  '03-02T09:00 key.rotation_due Nightly 1', // Shop is rotated in this minute
  '03-04T09:00 key.secret_retired Shop 1 overlap_ended',
  '03-04T09:00 secrets.retire Shop',
  '03-15T00:00 quota.threshold emails.sent 50',
  '03-15T09:00 key.unused Nightly 7d',
  '03-16T00:00 quota.threshold emails.sent 100',
  '03-16T00:00 quota.threshold emails.sent 80',
  '03-21T09:00 key.unused Nightly 1d',
  '03-22T09:02 key.unused Nightly',
  '03-22T09:02 keys.disable Nightly',
  '03-24T10:00 key.expiring Contractor 7d',
  '03-30T10:00 key.expiring Contractor 1d',
  '03-31T10:00 key.expired Contractor',
  '04-01T09:00 key.rotation_due Shop 2 30d',
  '04-02T00:00 statement 2027-03 1000', // 900, and 100 beyond the 900 that are included
  '04-10T00:00 quota.threshold emails.sent 50',
  '04-24T09:00 key.rotation_due Shop 2 7d',
  '04-30T09:00 key.rotation_due Shop 2 1d',
  '05-02T00:00 statement 2027-04 2150', // 450 and 1 450 for half a month each, and 250 beyond half of what is included
  '05-08T09:02 key.secret_retired Shop 2 silent', // last used on the fifth
  '05-08T09:02 secrets.retire Shop',
  '05-24T09:00 key.expiring Shop 30d',
  '06-01T00:00 plans.assign',
  '06-02T00:00 statement 2027-05 2900',
  '06-16T09:00 key.expiring Shop 7d',
  '06-20T09:00 key.rotation_due Shop 3 30d', // it was to end before; its end was moved in this minute
  '06-23T09:00 key.rotation_due Shop 3 7d',
  '06-29T09:00 key.rotation_due Shop 3 1d',
  '06-30T09:00 key.rotation_due Shop 3',
  '07-02T00:00 statement 2027-06 900',
].map((line) => `2027-${line}`)

test('a workspace on "90 days, rotate every 60, unused 30" lives through half a year, and all that time asks for happens once and on time', async () => {
  const { workspaceId, management: { mutate, query, state } } = rig
  const environmentId = (await query('workspaces.get', { workspaceId })).data.environments.live.id as EnvironmentId
  await mutate('policies.set', { workspaceId, policy: { maxLifetime: '90d', rotateEvery: '60d', whenUnused: { for: '30d', do: 'disable' } } })
  const [basic, pro] = [await createPlan('Basic', 900), await createPlan('Pro', 2_900)]
  await mutate('plans.assign', { workspaceId, planId: basic })
  const used: { keyId: string; environmentId: string; version: number; until: Date }[] = []

  const [shop, nightly] = [await create('Shop', '90d'), await create('Nightly', '90d')]
  await create('Forgotten', '90d')
  const ofShop = uses(shop)
  uses(nightly, timeOf('02-20T12:00:00'))
  const codes: string[] = []
  const check = (secret: string) => async () => void codes.push(await rig.codeOf(secret))
  let second = ''
  const deeds: Record<string, () => unknown> = {
    '03-01T10:00': async () => uses(await create('Contractor', '30d')),
    '03-02T09:00': async () => {
      second = (await rig.rotate(shop.keyId, '2d')).data.secret
      ofShop.version = 2
    },
    '03-04T08:59': check(shop.secret),
    '03-04T09:01': check(shop.secret),
    '03-15T00:00': () => take(500),
    '03-16T00:00': () => take(500),
    '03-25T09:00': () => mutate('keys.update', { keyId: shop.keyId, expiresIn: '90d' }),
    '04-10T00:00': () => take(700),
    '04-16T00:00': () => mutate('plans.assign', { workspaceId, planId: pro }),
    '05-01T09:00': async () => {
      await rig.rotate(shop.keyId, { untilSilentFor: '3d', atMost: '14d' })
      uses({ ...shop }, timeOf('05-05T12:00:00')).version = 2 // somebody has not heard of it
      ofShop.version = 3
    },
    '05-08T09:01': () => check(second)(),
    '05-08T09:03': () => check(second)(),
    '05-10T00:00': () => mutate('plans.assign', { workspaceId, planId: basic }),
    '06-20T09:00': () => mutate('keys.update', { keyId: shop.keyId, expiresIn: '90d' }),
  }

  const times = new Set(Object.keys(deeds).map((date) => timeOf(date).getTime()))
  for (let at = began.getTime(); at <= ended.getTime(); at += day) times.add(at)
  for (const line of expected) times.add(Date.parse(`${line.slice(0, 16)}Z`)).add(Date.parse(`${line.slice(0, 16)}Z`) - minute)
  for (const time of [...times].sort((a, b) => a - b)) {
    state.now = new Date(time)
    await deeds[state.now.toISOString().slice(5, 16)]?.()
    if (state.now.getUTCHours() === 9 && state.now.getUTCMinutes() === 0) await useKeys()
    await nodes.noteUsageSaved(rig.management.db, 'nod_one', state.now)
    await Promise.all([rig.runSweeps(), rig.runSweeps()]) // on two nodes
  }
  expect(await readDiary()).toEqual(expected)
  expect(codes).toEqual(['ok', 'retired_secret', 'ok', 'retired_secret'])
  expect((await query('audit.verify', { workspaceId })).data).toMatchObject({ intact: true, events: (await all('audit.list')).length })
  for (const { id } of await all('statements.list')) expect((await query('statements.verify', { statementId: id })).data.matches).toBe(true)
  expect((await all('keys.list')).map(({ name, status }) => `${name} ${status}`).sort()).toEqual(['Contractor active', 'Forgotten disabled', 'Nightly disabled', 'Shop active'])
  expect((await query('policies.violations', { workspaceId })).data.data.map(({ name, rules }: { name: string; rules: { rule: string }[] }) => `${name} ${rules.map(({ rule }) => rule)}`))
    .toEqual(['Shop rotateEvery'])

  async function createPlan(name: string, price: number) {
    const terms = { price: { amount: price, currency: 'EUR' }, included: { 'emails.sent': price }, overage: { 'emails.sent': { price: 1 } }, quotas: { 'emails.sent': 1_000 } }
    return (await mutate('plans.create', { name: newId('plan') + name, ...terms })).data.plan.id as string
  }

  async function create(name: string, expiresIn: string) {
    return rig.createKey({ name, expiresIn })
  }

  function uses({ keyId, environmentId }: { keyId: string; environmentId: string }, until = ended) {
    const use = { keyId, environmentId, version: 1, until }
    used.push(use)
    return use
  }

  async function useKeys() {
    for (const { version, until, ...key } of used) if (state.now <= until) await rig.use(key, version, { at: state.now })
  }

  function take(amount: number) {
    return meters.takeQuota(rig.management.db, environmentId, { meter: 'emails.sent', amount, reference: newId('request'), now: state.now })
  }

  async function readDiary() {
    const names = new Map((await all('keys.list')).map(({ id, name }) => [id, name]))
    const alerts = (await all('alerts.list')).map(({ at, kind, subject, detail }) =>
      [at, kind, names.get(subject) ?? subject, detail.version, detail.cause, detail.warnBefore ?? detail.percent])
    const audit = (await all('audit.list')).filter(({ actor }) => actor === 'system').map(({ at, action, target }) => [at, action, names.get(target)])
    const statements = (await all('statements.list')).map(({ createdAt, month, total }) => [createdAt, 'statement', month, total])
    return [...alerts, ...audit, ...statements].map(([at, ...facts]) => `${at.slice(0, 16)} ${facts.filter((fact) => fact !== undefined && fact !== null).join(' ')}`).sort()
  }

  async function all(procedure: string): Promise<any[]> { // oxlint-disable-line no-explicit-any
    const { data } = await query(procedure, { workspaceId, limit: 100 })
    expect(data.hasMore).toBe(false)
    return data.data
  }
}, 120_000)
