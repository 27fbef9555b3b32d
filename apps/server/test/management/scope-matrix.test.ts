import { type RootScope, rootScopeNames } from '@letterlock/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { procedureFor } from '../../src/management/procedure.ts'
import { createManagementRouter } from '../../src/management/router.ts'
import { createTestManagement, type TestManagement } from './test-management.ts'

/** What every procedure needs. A procedure that is missing here fails the run, and so does one that is gone. */
const scopes: Record<string, RootScope> = {
  'advice.accept': 'keys:write',
  'advice.leastPrivilege': 'usageRecords:read',
  'advice.undo': 'keys:write',
  'alerts.acknowledge': 'alerts:write',
  'alerts.list': 'alerts:read',
  'audit.list': 'audit:read',
  'audit.verify': 'audit:read',
  'canaries.create': 'keys:write',
  'canaries.list': 'keys:read',
  'canaries.revoke': 'keys:write',
  'keys.create': 'keys:write',
  'keys.dependents': 'usageRecords:read',
  'keys.disable': 'keys:write',
  'keys.enable': 'keys:write',
  'keys.get': 'keys:read',
  'keys.import': 'keys:write',
  'keys.list': 'keys:read',
  'keys.drain': 'keys:read',
  'keys.quarantine': 'keys:write',
  'keys.release': 'keys:write',
  'keys.retireSecret': 'keys:write',
  'keys.revoke': 'keys:write',
  'keys.revokeMany': 'keys:write',
  'keys.rotate': 'keys:write',
  'keys.update': 'keys:write',
  'keys.verify': 'verifier:read',
  'leaks.blastRadius': 'usageRecords:read',
  'leaks.list': 'alerts:read',
  'plans.assign': 'plans:write',
  'plans.create': 'plans:write',
  'plans.list': 'plans:read',
  'plans.update': 'plans:write',
  'policies.get': 'policies:read',
  'policies.set': 'policies:write',
  'policies.violations': 'policies:read',
  'policies.whatIf': 'usageRecords:read',
  'roles.create': 'roles:write',
  'roles.delete': 'roles:write',
  'roles.list': 'roles:read',
  'roles.update': 'roles:write',
  'rootKeys.create': 'rootKeys:write',
  'rootKeys.list': 'rootKeys:read',
  'rootKeys.retireSecret': 'rootKeys:write',
  'rootKeys.revoke': 'rootKeys:write',
  'rootKeys.rotate': 'rootKeys:write',
  'rootKeys.get': 'rootKeys:read',
  'scopes.list': 'scopes:read',
  'shares.create': 'keys:write',
  'shares.list': 'keys:read',
  'shares.revoke': 'keys:write',
  'statements.current': 'statements:read',
  'statements.get': 'statements:read',
  'statements.list': 'statements:read',
  'statements.verify': 'statements:read',
  'usage.attempts': 'usageRecords:read',
  'usage.getRetention': 'usageRecords:read',
  'usage.requests': 'usageRecords:read',
  'usage.setRetention': 'usageRecords:write',
  'usage.summary': 'usageRecords:read',
  'usage.timeseries': 'usageRecords:read',
  'workspaces.create': 'workspaces:write',
  'workspaces.get': 'workspaces:read',
  'workspaces.list': 'workspaces:read',
  'workspaces.resume': 'workspaces:write',
  'workspaces.suspend': 'workspaces:write',
  'workspaces.update': 'workspaces:write',
}

interface Definition {
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly meta?: { scope?: string }
  readonly inputs: readonly unknown[]
  readonly output?: unknown
}

let management: TestManagement
let definitions: Record<string, Definition>
beforeAll(async () => {
  management = await createTestManagement()
  const { procedures } = createManagementRouter(management)._def as unknown as { procedures: Record<string, { _def: Definition }> }
  definitions = Object.fromEntries(Object.entries(procedures).map(([name, { _def }]) => [name, _def]))
})
afterAll(() => management.database.drop())

function call(name: string, key: string | null) {
  const input = { surely: 'not the input of anything' }
  return definitions[name]?.type === 'query' ? management.query(name, input, { key }) : management.mutate(name, input, { key })
}

test('every procedure of the router is in the matrix, with its scope, an input and an output schema', () => {
  expect(Object.fromEntries(Object.entries(definitions).map(([name, { meta }]) => [name, meta?.scope]))).toEqual(scopes)
  for (const [name, { inputs, output }] of Object.entries(definitions)) {
    expect([name, inputs.length > 0, output !== undefined]).toEqual([name, true, true])
  }
})

test('procedureFor() makes no procedure without a scope of the registry: the typechecker refuses it', () => {
  // @ts-expect-error a scope is missing
  void (() => procedureFor())
  // @ts-expect-error no scope of root keys
  void (() => procedureFor('contacts:read'))
})

describe.each(Object.entries(scopes))('%s', (name, scope) => {
  test(`is refused to a key with every scope but ${scope}`, async () => {
    const held = rootScopeNames.filter((other) => other !== scope)
    const answer = await call(name, await management.addRootKey(held))
    expect(answer.status).toBe(403)
    expect(answer.error.data).toMatchObject({ code: 'insufficient_scope', requiredScope: scope, keyScopes: held })
  })

  test(`is open to a key with ${scope} alone, which then fails by its input`, async () => {
    const answer = await call(name, await management.addRootKey([scope]))
    expect([answer.status, answer.error.data.code]).toEqual([400, 'invalid_request'])
    expect(answer.error.data.issues).toContainEqual({ path: 'surely', message: 'unknown field' })
  })

  test('is refused without a key, before the input is looked at', async () => {
    const answer = await call(name, null)
    expect([answer.status, answer.error.data.code]).toEqual([401, 'missing_key'])
  })
})
