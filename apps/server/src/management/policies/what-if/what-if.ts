import { idSchema, type KeyId, productScopeNames, timestamp } from '@letterlock/contract'
import { keys, usage } from '@letterlock/db'
import { parseAddressRange } from '@letterlock/verifier'
import { z } from 'zod'
import { invalid } from '../../../http/failure.ts'
import type { ManagementDeps } from '../../context.ts'
import { ipAllow, rateLimits, scopeList } from '../../keys/key-policy.ts'
import { procedureFor } from '../../procedure.ts'
import { refuse } from '../../refuse.ts'
import { environmentOf, usageScope } from '../../usage/usage-scope.ts'
import { policyRules } from '../policy-answer.ts'
import { addressJudge, limitsJudge, scopesJudge } from './judges.ts'
import { type Finding, findingsOf, policyJudge } from './policy-judge.ts'
import { replayRecords } from './replay-records.ts'
import { createReplay, type Judge } from './replay.ts'

const dayMs = 86_400_000
const mostFindings = 100

const input = z.strictObject({
  ...usageScope,
  /** How many days back; records are kept for as long as usage.getRetention says. */
  days: z.number().int().min(1).max(90).default(30),
  /** Of this key alone. */
  keyId: idSchema('key').optional(),
  /** One of these. */
  policy: policyRules.optional(),
  scopes: scopeList(productScopeNames).optional(),
  rateLimits: rateLimits.refine((limits) => limits.length > 0, 'expected a limit at least').optional(),
  ipAllow: ipAllow.optional(),
})

const request = z.strictObject({ requestId: idSchema('request'), at: timestamp, operation: z.string(), ip: z.string().nullable() })

const output = z.strictObject({
  /** What was looked at: no earlier than records are kept, and no later than the most requests that are looked at. */
  from: timestamp,
  to: timestamp,
  /** False: there were more requests after `to`. */
  isComplete: z.boolean(),
  lookedAt: z.number().int(),
  /** Those of them that were refused or limited when they came. */
  refusedThen: z.number().int(),
  /** Requests of all keys that were counted and not recorded; of them nothing is known. */
  unrecorded: z.number().int(),
  rules: z.array(z.strictObject({ rule: z.string(), keys: z.number().int(), stopped: z.number().int() })),
  /** Of each key and cause, the most stopped first; 0: it breaks the rule, and none of its requests would have been stopped. */
  findings: z.array(z.strictObject({
    keyId: idSchema('key'), name: z.string(), rule: z.string(), message: z.string(), stopped: z.number().int(),
    firstAt: timestamp.nullable(), lastAt: timestamp.nullable(), samples: z.array(request),
  })),
  /** More were found than are shown. */
  hasMore: z.boolean(),
})

/** Which recorded requests a policy, scopes, limits or addresses would have stopped. It changes nothing. */
export function whatIf({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('usageRecords:read')
    .input(input)
    .output(output)
    .query(async ({ input: { workspaceId, mode, days, keyId, ...proposal } }) => {
      const now = clock()
      const environmentId = await environmentOf(db, { workspaceId, mode })
      const { requestDays } = await usage.readRetention(db)
      const from = new Date(now.getTime() - Math.min(days, requestDays) * dayMs)
      const rows = new Map<KeyId, keys.WorkspaceKeyRow>()
      const replay = createReplay(judgeOf(proposal, { keyOf: (id) => rows.get(id), from }))
      const { to, isComplete } = await replayRecords(db, { environmentId, from, to: now }, async (page) => {
        const shown = page.filter((each) => keyId === undefined || each.keyId === keyId)
        const unknown = [...new Set(shown.map((each) => each.keyId))].filter((id) => !rows.has(id))
        for (const row of unknown.length === 0 ? [] : await keys.findKeys(db, workspaceId, unknown)) rows.set(row.id, row)
        shown.forEach(replay.look)
      })
      const unrecorded = await usage.countDropped(db, environmentId, { from, to })
      const tallies = replay.tallies()
      const found = proposal.policy ? findingsOf(proposal.policy, { rows: [...rows.values()], tallies, now }) : tallies
      return { from: from.toISOString(), to: to.toISOString(), isComplete, ...replay.counts(), unrecorded, ...toAnswer(found, rows) }
    })
}

type Proposal = Pick<z.output<typeof input>, 'policy' | 'scopes' | 'rateLimits' | 'ipAllow'>

function judgeOf({ policy, scopes, rateLimits: limits, ipAllow: addresses }: Proposal, known: Parameters<typeof policyJudge>[1]): Judge {
  const [judge, ...others] = [
    ...(policy ? [policyJudge(policy, known)] : []),
    ...(scopes ? [scopesJudge(scopes)] : []),
    ...(limits ? [limitsJudge(limits)] : []),
    ...(addresses ? [addressJudge(addresses.flatMap((text) => parseAddressRange(text) ?? []))] : []), // they were parsed before
  ]
  if (!judge || others.length > 0) return refuse(invalid([{ path: 'policy', message: 'send one of policy, scopes, rateLimits and ipAllow' }]))
  return judge
}

function toAnswer(found: readonly Finding[], rows: ReadonlyMap<KeyId, keys.WorkspaceKeyRow>) {
  const ofRule = Map.groupBy(found, ({ rule }) => rule)
  const rules = [...ofRule].map(([rule, each]) => (
    { rule, keys: new Set(each.map(({ keyId }) => keyId)).size, stopped: each.reduce((sum, { stopped }) => sum + stopped, 0) }))
  const shown = found.toSorted((one, other) => other.stopped - one.stopped || (one.keyId < other.keyId ? -1 : 1)).slice(0, mostFindings)
  return { rules, findings: shown.map((finding) => toFinding(finding, rows.get(finding.keyId)?.name ?? '')), hasMore: found.length > shown.length }
}

function toFinding({ keyId, rule, message, stopped, first, last, samples = [] }: Finding, name: string) {
  return {
    keyId, name, rule, message, stopped,
    firstAt: first?.at.toISOString() ?? null,
    lastAt: last?.at.toISOString() ?? null,
    samples: samples.map(({ requestId, at, operation, ip }) => ({ requestId, at: at.toISOString(), operation, ip })),
  }
}
