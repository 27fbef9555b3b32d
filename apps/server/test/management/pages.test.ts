import { type KeyId, newId, type WorkspaceId } from '@letterlock/contract'
import { alerts, usage } from '@letterlock/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { UsageRecorder } from '../../src/jobs/usage-recorder.ts'
import { createManagementRouter } from '../../src/management/router.ts'
import { createTestManagement, type TestManagement } from './test-management.ts'

/** Queries whose `data` is no page, and why. */
const rankings = ['usage.attempts'] // sums that grow while one looks: the most, not all of them

interface Query {
  readonly input: Record<string, unknown>
  readonly output: Record<string, unknown>
}

let management: TestManagement
let queries: Record<string, Query>
let workspaceId: WorkspaceId
beforeAll(async () => {
  management = await createTestManagement()
  queries = queriesOf(management)
  workspaceId = await seed()
})
afterAll(() => management.database.drop())

/** The fields of what each query takes and answers, read from the router. */
function queriesOf(deps: TestManagement): Record<string, Query> {
  const { procedures } = createManagementRouter(deps)._def as unknown as {
    procedures: Record<string, { _def: { type: string; inputs: z.ZodType[]; output: z.ZodType } }>
  }
  const queried = Object.entries(procedures).filter(([, { _def }]) => _def.type === 'query')
  return Object.fromEntries(queried.map(([name, { _def }]) => [name, { input: fieldsOf(_def.inputs[0], 'input'), output: fieldsOf(_def.output, 'output') }]))
}

function fieldsOf(schema: z.ZodType | undefined, io: 'input' | 'output'): Record<string, unknown> {
  return schema ? (z.toJSONSchema(schema, { io, unrepresentable: 'any' }).properties ?? {}) : {}
}

/** Two of everything that is listed, in one workspace. */
async function seed(): Promise<WorkspaceId> {
  const { workspace, environments } = (await management.mutate('workspaces.create', { name: 'Acme' })).data
  await management.mutate('workspaces.create', { name: 'Other' })
  const owned = { workspaceId: workspace.id as WorkspaceId }
  let keyId = newId('key')
  for (const name of ['One', 'Two', 'Three']) {
    management.state.now = new Date(management.state.now.getTime() + 1) // ids sort by the millisecond
    keyId = (await management.mutate('keys.create', { ...owned, mode: 'live', name })).data.key.id as KeyId
    await management.mutate('roles.create', { ...owned, name, scopes: [] })
    await management.mutate('rootKeys.create', { name, scopes: [] })
    await management.mutate('plans.create', { name })
    const about = { kind: 'key.unused', subject: keyId, occasion: '', detail: {}, now: management.state.now }
    await management.db.transaction().execute((tx) => alerts.raiseAlert(tx, owned.workspaceId, about))
  }
  await management.mutate('policies.set', { ...owned, policy: { expiryRequired: true } })
  await recordRequests(3, { keyId, environmentId: environments.live.id })
  return owned.workspaceId
}

async function recordRequests(count: number, principal: { keyId: KeyId; environmentId: Parameters<typeof usage.listRequests>[1] }): Promise<void> {
  const { now } = management.state
  const recorder = new UsageRecorder({
    save: async (batch) => void (await management.db.transaction().execute((tx) => usage.saveUsageBatch(tx, { ...batch, now }))),
    newBatchId: () => newId('request'),
    onError: (error) => { throw error },
  })
  const about = { claimedKeyId: null, secretVersion: 1, operationId: 'contacts.get' as const, outcome: 'ok', status: 200, durationMs: 1, ip: null, userAgent: null }
  for (let index = 0; index < count; index++) recorder.record({ ...about, principal, requestId: newId('request'), now })
  await recorder.flush()
}

const isPage = ([name, { output }]: [string, Query]) => !rankings.includes(name) && (name.endsWith('.list') || 'data' in output || 'nextCursor' in output)

const listed = [
  'alerts.list', 'audit.list', 'keys.list', 'plans.list', 'policies.violations', 'roles.list', 'rootKeys.list', 'scopes.list', 'usage.requests',
  'workspaces.list',
]

test('every list takes limit and cursor, and answers data, hasMore and nextCursor', () => {
  const pages = Object.entries(queries).filter(isPage)
  expect(pages.map(([name]) => name)).toEqual(expect.arrayContaining(listed))
  for (const [name, { input, output }] of pages) {
    expect([name, input.limit]).toEqual([name, expect.objectContaining({ type: 'integer', minimum: 1, maximum: 100 })])
    expect([name, input.cursor]).toEqual([name, expect.objectContaining({ type: 'string', maxLength: 500 })])
    expect([name, Object.keys(output).sort()]).toEqual([name, ['data', 'hasMore', 'nextCursor']])
  }
})

test('every list walked row by row answers what it answers as a whole', async () => {
  for (const [name, { input }] of Object.entries(queries).filter(isPage)) {
    const ask = async (more: object) => {
      const answer = await management.query(name, { ...('workspaceId' in input && { workspaceId }), ...more })
      expect([name, answer.status]).toEqual([name, 200])
      return answer.data
    }
    const whole = await ask({ limit: 100 })
    expect([name, whole.hasMore, whole.nextCursor]).toEqual([name, false, null])
    if (listed.includes(name)) expect([name, whole.data.length > 1]).toEqual([name, true])
    const seen: unknown[] = []
    for (let cursor: string | undefined, pages = 0; pages <= 100; pages++) {
      const page = await ask({ limit: 1, cursor })
      seen.push(...page.data)
      if (!page.hasMore) break
      cursor = page.nextCursor
    }
    expect([name, seen]).toEqual([name, whole.data])
  }
})

test('every list refuses a cursor that is none of its own, and limits beyond 1 to 100', async () => {
  for (const [name, { input }] of Object.entries(queries).filter(isPage)) {
    const owned = 'workspaceId' in input ? { workspaceId } : {}
    for (const [field, value] of [['cursor', 'abc'], ['cursor', 'x'.repeat(501)], ['limit', 0], ['limit', 101]] as const) {
      const { status, error } = await management.query(name, { ...owned, [field]: value })
      expect([name, value, status, error?.data.issues?.[0].path]).toEqual([name, value, 400, field])
    }
  }
})
