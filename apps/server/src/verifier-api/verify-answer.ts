import { type EnvironmentId, errorCodes, idSchema } from '@letterlock/contract'
import { meters } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import { explain, foreignTokenLength, type LimitState, type NoAnswer, type Outcome, type ProvenOutcome, type Verify } from '@letterlock/verifier'
import { isIP } from 'node:net'
import { z } from 'zod'
import { claimedKeyId } from '../http/authenticate.ts'
import { failure, type Failure } from '../http/failure.ts'
import type { Use } from '../jobs/usage-recorder.ts'

/** What is asked of a key by a caller who does not verify by himself. */
export const verifyInput = z.strictObject({
  key: z.string().max(foreignTokenLength.max),
  scope: z.string().max(100).nullish(),
  ip: z.string().max(64).nullish(),
  cost: z.number().int().min(0).max(1_000_000).optional(),
  modes: z.array(z.enum(['live', 'test'])).min(1).max(2).optional(),
  minRevision: z.number().int().min(0).optional(),
  quota: z.strictObject({
    meter: z.string().refine((name) => meters.parseMeter(name) !== null, 'expected a lower-case letter, then at most 63 of them, digits, "_" or "."'),
    amount: z.number().int().min(1).max(1_000_000_000),
    reference: z.string().refine(meters.isReference, 'expected 1 to 255 characters, without NUL and unpaired surrogates'),
  }).optional(),
})

/** The outcome about a key: of an invalid one its code alone, because nothing was proven. */
export const verifyOutput = z.strictObject({
  valid: z.boolean(),
  code: z.enum([
    'ok', 'invalid_key', 'expired_key', 'revoked_key', 'disabled_key', 'retired_secret', 'insufficient_scope', 'ip_not_allowed', 'key_quarantined',
    'workspace_suspended', 'rate_limited', 'quota_exceeded',
  ]),
  explanation: z.string().optional(),
  key: z.strictObject({
    id: idSchema('key'),
    name: z.string(),
    mode: z.enum(['live', 'test']),
    workspaceId: idSchema('workspace'),
    environmentId: idSchema('environment'),
    scopes: z.array(z.string()),
    createdAt: z.string(),
    expiresAt: z.string().nullable(),
  }).optional(),
  secretVersion: z.number().int().optional(),
  superseded: z.boolean().optional(),
  limits: z.array(z.strictObject({
    name: z.string(), count: z.number(), periodMs: z.number(), burst: z.number(), remaining: z.number(), resetMs: z.number(),
  })).optional(),
  limitStore: z.enum(['shared', 'local-share']).optional(),
  checks: z.array(z.strictObject({ check: z.string(), passed: z.boolean(), detail: z.string() })).optional(),
  expiredAt: z.string().optional(),
  retiredAt: z.string().optional(),
  requiredScope: z.string().optional(),
  limitName: z.string().optional(),
  retryAfterMs: z.number().optional(),
  meter: z.string().optional(),
  limit: z.number().optional(),
  used: z.number().optional(),
  resetsAt: z.string().nullable().optional(),
})

export type VerifyAnswer = z.output<typeof verifyOutput>

export interface VerifyAnswerDeps {
  readonly verify: Verify
  readonly clock: () => Date
  readonly keyFormat: Pick<KeyFormat, 'parse'>
  readonly recordUse: (use: Use) => void
}

/** The request of him who asks about the key of someone else. */
export interface Asking {
  readonly operationId: 'verifier.verify' | 'keys.verify'
  readonly requestId: string
  readonly ip: string
}

/**
 * Verifies for a caller who does not by himself, and records it as a use of the key. Root keys are as invalid here as
 * unknown ones.
 */
export async function verifyAnswer(deps: VerifyAnswerDeps, input: z.output<typeof verifyInput>, asking: Asking): Promise<VerifyAnswer | Failure> {
  const { verify, clock } = deps
  const { key, scope = null, ip = null, cost = 1, modes = ['live', 'test'], minRevision, quota } = input
  const startedAt = performance.now()
  const outcome = await verify({ key, scope, ip, cost, modes, minRevision, ...(quota && { quota }) })
  recordVerify(deps, { outcome, input, asking, durationMs: performance.now() - startedAt })
  if (outcome.code === 'invalid_key') return { valid: false, code: outcome.code }
  if (!isProven(outcome)) return noAnswer(outcome)
  const { code, secretVersion, superseded, limitStore } = outcome
  return {
    valid: code === 'ok',
    code,
    ...factsOf(outcome),
    key: keyOf(outcome),
    secretVersion, superseded,
    limits: outcome.limits.map(limitOf),
    limitStore,
    checks: explain(outcome, { scope, ip }, clock()),
  }
}

/** As a request of the key itself: with the status that its refusal has, and the address that it came from. */
function recordVerify(
  { clock, keyFormat, recordUse }: VerifyAnswerDeps,
  { outcome, input, asking, durationMs }: { outcome: Outcome; input: z.output<typeof verifyInput>; asking: Asking; durationMs: number },
): void {
  const { requestId, operationId } = asking
  const proven = 'record' in outcome ? outcome : null
  const ip = input.ip && isIP(input.ip) ? input.ip : null // anything else may be any text
  recordUse({
    requestId, operationId, durationMs,
    principal: proven && { keyId: proven.record.keyId, environmentId: proven.record.environmentId as EnvironmentId }, // null for root keys alone
    secretVersion: proven && proven.secretVersion,
    claimedKeyId: proven ? null : claimedKeyId(keyFormat, input.key),
    outcome: outcome.code,
    status: outcome.code === 'ok' ? 200 : errorCodes[outcome.code].status,
    now: clock(),
    ip: proven ? ip : (ip ?? asking.ip),
    userAgent: null,
  })
}

function isProven(outcome: Exclude<Outcome, { code: 'invalid_key' }>): outcome is ProvenOutcome {
  return 'record' in outcome
}

function noAnswer({ code, retryAfterMs }: NoAnswer): Failure {
  return failure(code, 'The key cannot be verified at the moment. Try again.', { retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)) })
}

function keyOf({ record }: ProvenOutcome): NonNullable<VerifyAnswer['key']> {
  const { keyId: id, name, mode, workspaceId, environmentId, scopes, createdAt, expiresAt } = record
  if (mode === 'root' || workspaceId === null || environmentId === null) throw new Error(`${id} is a root key, which was not asked for.`)
  return {
    id, name, mode, workspaceId, environmentId,
    scopes: [...scopes],
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
  }
}

function limitOf({ name, count, periodMs, burst, remaining, resetMs }: LimitState) {
  return { name, count, periodMs, burst, remaining, resetMs }
}

function factsOf(outcome: ProvenOutcome): Partial<VerifyAnswer> {
  if (outcome.code === 'ok') return {}
  const { explanation } = outcome
  switch (outcome.code) {
    case 'expired_key':
      return { explanation, expiredAt: outcome.expiredAt.toISOString() }
    case 'retired_secret':
      return { explanation, retiredAt: outcome.retiredAt.toISOString() }
    case 'insufficient_scope':
      return { explanation, requiredScope: outcome.requiredScope }
    case 'rate_limited': {
      const { limitName, retryAfterMs } = outcome
      return { explanation, limitName, ...(Number.isFinite(retryAfterMs) && { retryAfterMs }) }
    }
    case 'quota_exceeded': {
      const { meter, limit, used, resetsAt } = outcome
      return { explanation, meter, limit, used, resetsAt: resetsAt?.toISOString() ?? null }
    }
    default:
      return { explanation }
  }
}
