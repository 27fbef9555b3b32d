import { keys } from '@letterlock/db'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestManagement, keyIdOf, type TestManagement } from './test-management.ts'

let management: TestManagement
beforeEach(async () => {
  management = await createTestManagement()
})
afterEach(() => management.database.drop())

const revoke = (token: string, key = management.rootKey) => management.mutate('rootKeys.revoke', { keyId: keyIdOf(token) }, { key })
const inMs = (ms: number) => new Date(management.state.now.getTime() + ms)

test('the last root key that can make root keys is not revoked, whatever others there are', async () => {
  await management.addRootKey(['keys:write'])
  await management.addRootKey(['rootKeys:write'], { expiresAt: management.state.now })
  const gone = await management.addRootKey(['rootKeys:write'])
  expect((await revoke(gone)).status).toBe(200)
  const refused = await revoke(management.rootKey)
  expect([refused.status, refused.error.data.code]).toEqual([409, 'invalid_state'])
  expect((await management.query('scopes.list')).status).toBe(200)
})

test('it is revoked when there is another, and others are revoked as ever', async () => {
  const reader = await management.addRootKey(['scopes:read'])
  expect((await revoke(reader)).status).toBe(200)
  await management.addRootKey(['rootKeys:write'], { expiresAt: inMs(1_000) })
  expect((await revoke(management.rootKey)).status).toBe(200)
})

test('of five root keys that revoke themselves at once, one stays', async () => {
  const tokens = [management.rootKey]
  for (let i = 0; i < 4; i++) tokens.push(await management.addRootKey(['rootKeys:write']))
  const answers = await Promise.all(tokens.map((token) => revoke(token, token)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 409])
  const active = (await keys.listRootKeys(management.db, { limit: 10 })).filter(({ status }) => status === 'active')
  expect(active).toHaveLength(1)
})
