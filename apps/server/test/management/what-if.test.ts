import { newId } from '@letterlock/contract'
import { usage } from '@letterlock/db'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { replayRecords } from '../../src/management/policies/what-if/replay-records.ts'
import type { RecordedRequest } from '../../src/management/policies/what-if/replay.ts'
import { after, createRotationRig, day, hour, start } from './rotation-rig.ts'

const rig = await createRotationRig()
const { management, workspaceId, createKey } = rig
const { db, state } = management
afterAll(() => management.database.drop())

type Key = Awaited<ReturnType<typeof createKey>>
interface Asked { readonly at: number; readonly operation?: string; readonly ip?: string | null; readonly outcome?: string }

/** Saves requests of a key as a node does. */
async function record(key: Key, asked: readonly Asked[]): Promise<void> {
  const uses = asked.map(({ at, operation = 'contacts.list', ip = '192.0.2.7', outcome = 'ok' }) => ({ at: after(at), operation, ip, outcome }))
  const counts = uses.map(({ at, operation, outcome }) => ({
    environmentId: key.environmentId as never, keyId: key.keyId as never, operation, outcome,
    minute: new Date(Math.floor(at.getTime() / 60_000) * 60_000), requests: 1, dropped: 0,
  }))
  await usage.createPartitionsAhead(db, uses[0]?.at ?? start)
  await db.transaction().execute((tx) => usage.saveUsageBatch(tx, {
    batchId: newId('request'), now: state.now, counts, attempts: [], lastUses: [],
    records: [{
      times: uses.map(({ at }) => at.getTime()), requestIds: uses.map(() => newId('request')), counts, secretVersions: uses.map(() => 1),
      statuses: uses.map(() => 200), durationsUs: uses.map(() => 1_000), ips: uses.map(({ ip }) => ip), userAgents: uses.map(() => 'test'),
    }],
  }))
}

const whatIf = (input: object) => management.query('policies.whatIf', { workspaceId, ...input })
const every = (span: number, count: number, more: Partial<Asked> = {}) => Array.from({ length: count }, (_, index): Asked => ({ at: index * span, ...more }))

beforeEach(async () => {
  state.now = start
})

describe('policies.whatIf', () => {
  let reader: Key
  let writer: Key
  beforeAll(async () => {
    state.now = start
    reader = await createKey({ name: 'Reader', scopes: ['contacts:read', 'lists:write'] })
    writer = await createKey({ name: 'Writer', scopes: ['contacts:read', 'contacts:write', 'lists:write'] })
    await record(reader, [...every(hour, 20), { at: 21 * hour, operation: 'lists.create', ip: '198.51.100.1' }, { at: 22 * hour, outcome: 'insufficient_scope' }])
    await record(writer, [...every(1_000, 10), ...every(2_000, 3, { operation: 'contacts.create', outcome: 'rate_limited' })])
    state.now = after(23 * hour)
  })
  beforeEach(() => {
    state.now = after(23 * hour)
  })

  test('says which requests scopes would have stopped, of one key or of all', async () => {
    const { data } = await whatIf({ scopes: ['contacts:read'] })
    expect(data).toMatchObject({
      to: after(23 * hour).toISOString(), isComplete: true, lookedAt: 35, refusedThen: 4, unrecorded: 0, hasMore: false,
      rules: [{ rule: 'scopes', keys: 1, stopped: 1 }],
      findings: [{
        keyId: reader.keyId, name: 'Reader', message: 'lists:write is not among the scopes', stopped: 1,
        firstAt: after(21 * hour).toISOString(), samples: [{ operation: 'lists.create', ip: '198.51.100.1' }],
      }],
    })
    expect((await whatIf({ scopes: [], keyId: writer.keyId })).data).toMatchObject({ lookedAt: 13, rules: [{ rule: 'scopes', keys: 1, stopped: 10 }] })
  })

  test('says which requests an address list and limits would have stopped', async () => {
    expect((await whatIf({ ipAllow: ['192.0.2.0/24'] })).data.findings).toMatchObject([{ keyId: reader.keyId, stopped: 1 }])
    const { data } = await whatIf({ rateLimits: [{ name: 'slow', limit: '1/2s' }] })
    expect(data.findings).toMatchObject([{ keyId: writer.keyId, rule: 'rateLimits', message: 'the limit slow is used up', stopped: 5 }])
    expect((await whatIf({ rateLimits: [{ name: 'fast', limit: '100/1s' }] })).data).toMatchObject({ rules: [], findings: [] })
  })

  test('says what a policy would have stopped, and which keys break it without a request that it stops', async () => {
    const policy = { ipListRequired: true, forbiddenScopes: [['contacts:read', 'lists:write']] }
    const { data } = await whatIf({ policy })
    expect(data.rules).toEqual([{ rule: 'ipListRequired', keys: 2, stopped: 0 }, { rule: 'forbiddenScopes', keys: 2, stopped: 1 }])
    const message = 'without lists:write, which it used least of contacts:read and lists:write'
    expect(data.findings[0]).toMatchObject({ keyId: reader.keyId, rule: 'forbiddenScopes', message, stopped: 1 })
    expect(data.findings.find((each: { keyId: string; rule: string }) => each.keyId === writer.keyId && each.rule === 'forbiddenScopes')).toEqual({
      keyId: writer.keyId, name: 'Writer', rule: 'forbiddenScopes', message, stopped: 0, firstAt: null, lastAt: null, samples: [],
    })
  })

  test('looks no further back than asked, and nowhere else', async () => {
    expect((await whatIf({ scopes: [], days: 1, keyId: reader.keyId })).data.lookedAt).toBe(22)
    state.now = after(30 * hour)
    expect((await whatIf({ scopes: [], days: 1, keyId: reader.keyId })).data.lookedAt).toBe(16)
    expect((await whatIf({ scopes: [], mode: 'test' })).data.lookedAt).toBe(0)
    const other = (await management.mutate('workspaces.create', { name: 'Other' })).data.workspace.id
    expect((await whatIf({ workspaceId: other, scopes: [], keyId: reader.keyId })).data).toMatchObject({ lookedAt: 0, findings: [] })
  })

  test('tells how many requests have no record, and since when there are records', async () => {
    await db.updateTable('usage_minutes').set({ dropped: sql<number>`dropped + 7` }).where('minute', '=', start).where('key_id', '=', writer.keyId).where('outcome', '=', 'ok').execute()
    const { data } = await whatIf({ scopes: [], days: 90 })
    expect([data.unrecorded, data.from]).toEqual([7, after(23 * hour - 30 * day).toISOString()])
  })

  test.each<[string, object, string]>([
    ['nothing to try', {}, 'policy'],
    ['two things at once', { scopes: [], ipAllow: [] }, 'policy'],
    ['a mistyped scope', { scopes: ['lists:reed'] }, 'scopes.0'],
    ['no limit', { rateLimits: [] }, 'rateLimits'],
    ['a time beyond what is kept', { scopes: [], days: 91 }, 'days'],
  ])('refuses %s', async (_, input, path) => {
    const { status, error } = await whatIf(input)
    expect([status, error.data.issues.map((issue: { path: string }) => issue.path)]).toEqual([400, [path]])
  })

  test('answers 404 for an unknown workspace', async () => {
    expect((await whatIf({ workspaceId: newId('workspace'), scopes: [] })).status).toBe(404)
  })
})

test('replayRecords() shows every record once, oldest first, up to a bound, and says where it stopped', async () => {
  const other = (await management.mutate('workspaces.create', { name: 'Many' })).data.workspace.id
  const key = await createKey({ workspaceId: other })
  await record(key, Array.from({ length: 40 }, (_, index) => ({ at: Math.floor((39 - index) / 4) * 1_000 }))) // four at each instant
  const show = async (bounds: { most?: number; atOnce: number }) => {
    const seen: RecordedRequest[] = []
    const span = { environmentId: key.environmentId as never, from: start, to: after(day) }
    const end = await replayRecords(db, { ...span, ...bounds }, async (page) => void seen.push(...page))
    expect(new Set(seen.map(({ requestId }) => requestId)).size).toBe(seen.length)
    expect(seen.map(({ at }) => at.getTime())).toEqual(seen.map(({ at }) => at.getTime()).toSorted((one, another) => one - another))
    return { seen: seen.length, ...end }
  }
  expect(await show({ atOnce: 7 })).toEqual({ seen: 40, to: after(day), isComplete: true })
  expect(await show({ atOnce: 40 })).toEqual({ seen: 40, to: after(day), isComplete: true })
  expect(await show({ atOnce: 7, most: 14 })).toEqual({ seen: 14, to: after(3_000), isComplete: false })
})

test('policies.whatIf ends keys by maxLifetime and by silence, as the rules would have', async () => {
  const other = (await management.mutate('workspaces.create', { name: 'Long' })).data.workspace.id
  const key = await createKey({ workspaceId: other, name: 'Old' })
  for (let at = 0; at < 30; at += 2) if (at < 10 || at > 20) await record(key, [{ at: at * day }])
  state.now = after(29 * day)
  const ask = async (policy: object) => (await whatIf({ workspaceId: other, policy })).data.findings
  expect(await ask({ maxLifetime: '24d' })).toMatchObject([{ rule: 'maxLifetime', stopped: 3, firstAt: after(24 * day).toISOString(), lastAt: after(28 * day).toISOString() }])
  expect(await ask({ whenUnused: { for: '14d', do: 'revoke' } })).toMatchObject([
    { rule: 'whenUnused', message: 'unused for 14d, the key would have been revoked', stopped: 4, firstAt: after(22 * day).toISOString() },
  ])
  expect(await ask({ whenUnused: { for: '15d', do: 'revoke' } })).toEqual([])
  expect(await ask({ maxLifetime: '60d' })).toMatchObject([{ rule: 'maxLifetime', stopped: 0, firstAt: null }])
})
