import { newId } from '@letterlock/contract'
import { afterAll, expect, test } from 'vitest'
import * as keyAdvice from './key-advice.ts'
import * as keys from './keys.ts'
import * as keyTraffic from './key-traffic.ts'
import { createTestDatabase } from './testing.ts'
import * as usage from './usage.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const now = new Date('2026-11-27T08:00:30.000Z')
const from = new Date('2026-11-27T00:00:00.000Z')
const to = new Date('2026-11-28T00:00:00.000Z')
await usage.createPartitionsAhead(db, now)

async function save(uses: readonly { keyId: ReturnType<typeof newId<'key'>>; operation: string; outcome?: string; ip?: string | null; minutes?: number }[]) {
  const environmentId = newId('environment')
  const counts = uses.map(({ keyId, operation, outcome = 'ok', minutes = 0 }) => (
    { environmentId, keyId, operation, outcome, minute: new Date(now.getTime() - 30_000 + minutes * 60_000), requests: 1, dropped: 0 }))
  const records = {
    counts, times: counts.map(({ minute }) => minute.getTime() + 1), requestIds: counts.map(() => newId('request')), secretVersions: counts.map(() => 1),
    statuses: counts.map(() => 200), durationsUs: counts.map(() => 5), ips: uses.map(({ ip = '192.0.2.7' }) => ip), userAgents: counts.map(() => 'curl/8'),
  }
  await db.transaction().execute((tx) => usage.saveUsageBatch(tx, { batchId: newId('request'), counts, records: [records], attempts: [], lastUses: [], now }))
  return environmentId
}

test('counts operations, callers and the busiest minute of one key', async () => {
  const [keyId, other] = [newId('key'), newId('key')]
  const environmentId = await save([
    { keyId, operation: 'lists.list' }, { keyId, operation: 'lists.list' }, { keyId, operation: 'lists.list', ip: '192.0.2.8', minutes: 1 },
    { keyId, operation: 'contacts.get', outcome: 'not_found', ip: null, minutes: 2 }, { keyId: other, operation: 'lists.get' },
  ])
  const ask = { keyId, from, to }
  expect(await keyTraffic.countOperations(db, environmentId, ask)).toEqual([
    { operation: 'contacts.get', outcome: 'not_found', requests: 1, lastDay: from }, { operation: 'lists.list', outcome: 'ok', requests: 3, lastDay: from },
  ])
  expect(await keyTraffic.findPeakMinute(db, environmentId, ask)).toBe(2)
  expect(await keyTraffic.findPeakMinute(db, environmentId, { ...ask, keyId: newId('key') })).toBe(0)
  const callers = await keyTraffic.listCallers(db, environmentId, { ...ask, limit: 1 })
  expect(callers).toMatchObject([{ ip: null, operation: 'contacts.get', requests: 1 }, { ip: '192.0.2.8', operation: 'lists.list', requests: 1, userAgent: 'curl/8' }])
  expect(await keyTraffic.listCallers(db, newId('environment'), { ...ask, limit: 1 })).toEqual([])
})

test('takeAdvice() gives back what was noted last, once, within the workspace', async () => {
  const [workspaceId, environmentId, keyId] = [newId('workspace'), newId('environment'), newId('key')]
  const facts = { name: 'CI', purpose: null, scopes: [], ipAllow: [], rateLimits: [], expiresAt: null, createdBy: null, now }
  const rights = (scopes: string[]) => ({ scopes, roleId: null, ipAllow: [], rateLimits: [{ name: 'a', limit: '1/1s' }] })
  await db.transaction().execute(async (tx) => {
    await workspaces.insertWorkspace(tx, { id: workspaceId, name: 'Acme', liveEnvironmentId: environmentId, testEnvironmentId: newId('environment'), now })
    await keys.insertKey(tx, workspaceId, { id: keyId, ...facts, mode: 'live', environmentId, secret: { digest: Buffer.alloc(32, 9), pepperVersion: 'v1' } })
    await keyAdvice.noteAdvice(tx, workspaceId, { keyId, before: rights(['b']), after: rights(['a']), by: 'key_root', now })
    await keyAdvice.noteAdvice(tx, workspaceId, { keyId, before: rights(['lists:read']), after: rights([]), by: 'key_root', now })
    expect(await keyAdvice.takeAdvice(tx, newId('workspace'), keyId)).toBeNull()
    expect(await keyAdvice.takeAdvice(tx, workspaceId, keyId)).toEqual({ before: rights(['lists:read']), after: rights([]) })
    expect(await keyAdvice.takeAdvice(tx, workspaceId, keyId)).toBeNull()
  })
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /key_advice|"lastDay"|as peak|as "userAgent", operation/.test(sql)).map((sql) => sql.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/key-traffic.sql')
})
