import { newId } from '@letterlock/contract'
import { sql } from 'kysely'
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestManagement, type TestManagement } from './test-management.ts'

let management: TestManagement
let workspaceId: string
beforeAll(async () => {
  management = await createTestManagement()
  workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id
  await management.mutate('policies.set', { workspaceId, policy: { forbiddenScopes: [['contacts:read', 'campaigns:send']] } })
})
afterAll(() => management.database.drop())

const createKey = async (input: object = {}) => (await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', ...input })).data.key.id as string
const createRole = async (scopes: string[]) => (await management.mutate('roles.create', { workspaceId, name: newId('role'), scopes })).data.role.id as string

/** One half of the combination for a key of the role; the role gets the other half meanwhile. */
const ways: Record<string, (roleId: string) => Promise<() => Promise<{ readonly status: number }>>> = {
  'a key that is made': async (roleId) => () => management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', roleId, scopes: ['campaigns:send'] }),
  'a key that is imported': async (roleId) => async () => {
    const sha256 = createHash('sha256').update(roleId).digest('hex')
    const item = { sha256, name: 'CI', roleId, scopes: ['campaigns:send'] }
    const { data } = await management.mutate('keys.import', { workspaceId, mode: 'live', format: { prefix: 'old_' }, keys: [item] })
    return { status: data.data[0].status === 'imported' ? 200 : 400 }
  },
  'a key of the role that gets a scope': async (roleId) => {
    const keyId = await createKey({ roleId })
    return () => management.mutate('keys.update', { keyId, scopes: ['campaigns:send'] })
  },
  'a key with the scope that gets the role': async (roleId) => {
    const keyId = await createKey({ scopes: ['campaigns:send'] })
    return () => management.mutate('keys.update', { keyId, roleId })
  },
}

describe('a role that gets one half of a forbidden combination, against', () => {
  test.each(Object.entries(ways))('%s with the other half: one of them is refused, every time', async (_, prepare) => {
    for (let round = 0; round < 15; round += 1) {
      const roleId = await createRole(['lists:read'])
      const widen = await prepare(roleId)
      const change = () => management.mutate('roles.update', { roleId, scopes: ['contacts:read'] })
      const [first, second] = await Promise.all(round % 2 === 0 ? [change(), widen()] : [widen(), change()])
      expect([first.status, second.status].sort()).toEqual([200, 400])
    }
    expect((await management.query('policies.violations', { workspaceId, limit: 100 })).data.data).toEqual([])
  })
})

test('a key that gets another role while its scopes are about to change is left as it is, and the change can be sent again', async () => {
  const [roleId, other] = [await createRole(['lists:read']), await createRole(['contacts:read'])]
  const keyId = await createKey({ roleId })
  const update = () => management.mutate('keys.update', { keyId, scopes: ['campaigns:send'] })
  const waiting = await management.db.transaction().execute(async (tx) => {
    await tx.updateTable('keys').set({ role_id: other }).where('id', '=', keyId).execute()
    const answer = update()
    while (!(await isSomebodyWaiting())); // for the lock of the key
    return { answer }
  })
  expect([(await waiting.answer).status, (await update()).status]).toEqual([409, 400])
  expect((await management.query('keys.get', { keyId })).data.key).toMatchObject({ roleId: other, scopes: [] })
})

async function isSomebodyWaiting(): Promise<boolean> {
  const { rows } = await sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(management.db)
  return rows.length > 0
}
