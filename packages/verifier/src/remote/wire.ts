/** What a node that verifies remotely and its server say to each other. */
import { idSchema } from '@letterlock/contract'
import { keyModes } from '@letterlock/keys'
import { z } from 'zod'
import { keyRecord, type KeyRecord, type NamedLimit, type Polled, type Proof, type RateLimitText } from '../index.ts'

/** Tokens that one request may ask about. */
export const tokensPerRequest = 100

/** The longest that an answer about changes is held back, in milliseconds. */
export const holdMsMax = 300

const moment = z.iso.datetime().transform((text) => new Date(text))
const rateLimits = z.array(z.object({ name: z.string().max(100), limit: z.string().max(40), burst: z.number().int().min(1).optional() })).max(100)

const record = z.object({
  keyId: idSchema('key'),
  name: z.string().max(1_000),
  mode: z.enum(keyModes),
  workspaceId: idSchema('workspace').nullable(),
  environmentId: idSchema('environment').nullable(),
  scopes: z.array(z.string().max(200)).max(1_000),
  status: z.enum(['active', 'disabled', 'quarantined', 'revoked']),
  workspaceStatus: z.enum(['active', 'suspended']),
  createdAt: moment,
  expiresAt: moment.nullable(),
  dependsOn: z.array(z.string().max(100)).max(20),
  ipAllow: z.array(z.string().max(100)).max(1_000),
  rateLimits,
  workspaceRateLimits: rateLimits,
  planRateLimits: rateLimits,
})

const proof = z.object({
  revision: z.number().int().min(0),
  key: z
    .object({ record, secretVersion: z.number().int().min(1), superseded: z.boolean(), secretRetiresAt: moment.nullable() })
    .nullable(),
})

/** The answer of `POST /verifier/records`: a proof for each token, in order. */
export const proofsAnswer = z.object({ proofs: z.array(proof).max(tokensPerRequest) })
export type ProofsAnswer = z.input<typeof proofsAnswer>

/** The answer of `GET /verifier/changes`. */
export const changesAnswer = z.object({
  revision: z.number().int().min(0),
  /** Which history the revision belongs to; the next question says it again. */
  stamp: z.string().max(64).optional(),
  changes: z.union([z.literal('all'), z.array(z.object({ kind: z.string().max(100), id: z.string().max(200) }))]),
  /** How long the answer was held back. */
  heldMs: z.number().min(0).max(60_000),
  /** How old the view is that it was given from. */
  ageMs: z.number().min(0).max(60_000),
  /** That of the question: an answer to another one proves nothing. */
  nonce: z.string().max(64).optional(),
  /** What tokens of other formats begin with; absent when no key was imported. */
  foreignPrefixes: z.array(z.string().min(1).max(100)).max(1_000).optional(),
})
export type ChangesAnswer = z.input<typeof changesAnswer>

/** A proof as it is sent: no digest is in it, nor was one in the proof. */
export function proofToWire({ revision, key }: Proof): ProofsAnswer['proofs'][number] {
  if (!key) return { revision, key: null }
  const { secretVersion, superseded, secretRetiresAt } = key
  return {
    revision,
    key: { record: recordToWire(key.record), secretVersion, superseded, secretRetiresAt: secretRetiresAt?.toISOString() ?? null },
  }
}

/** The proof that was sent. @throws Error when its policy cannot be read */
export function proofFromWire({ revision, key }: z.output<typeof proof>): Proof {
  if (!key) return { revision, key: null }
  const { ipAllow, rateLimits: own, workspaceRateLimits, planRateLimits, ...facts } = key.record
  const policy = {
    ipAllow,
    rateLimits: own.map(textOf),
    workspaceRateLimits: workspaceRateLimits.map(textOf),
    planRateLimits: planRateLimits.map(textOf),
  }
  return { revision, key: { ...key, record: keyRecord(facts, policy) } }
}

/** The answer about changes as the verifier takes it. */
export function polledFromWire({ revision, stamp, changes, heldMs, ageMs }: z.output<typeof changesAnswer>): Polled {
  return { revision, changes, provenAfterMs: heldMs - ageMs, ...(stamp !== undefined && { stamp }) }
}

function recordToWire(record: KeyRecord): NonNullable<ProofsAnswer['proofs'][number]['key']>['record'] {
  const { keyId, name, mode, workspaceId, environmentId, scopes, status, workspaceStatus, createdAt, expiresAt, dependsOn } = record
  return {
    keyId, name, mode, workspaceId, environmentId, status, workspaceStatus,
    scopes: [...scopes],
    dependsOn: [...dependsOn],
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    ipAllow: record.ipAllow.map(({ text }) => text),
    rateLimits: limitsOfLevel(record, keyId),
    workspaceRateLimits: limitsOfLevel(record, 'workspace'),
    planRateLimits: limitsOfLevel(record, 'plan'),
  }
}

/** The limits of one level, by the owner in their buckets: `{tag}/<owner>/…`. */
function limitsOfLevel({ rateLimits: limits }: KeyRecord, owner: string): RateLimitText[] {
  return limits.filter(({ bucket }) => bucket.split('/')[1] === owner).map(({ name, limit, burst }: NamedLimit) => ({
    name: name.startsWith(`${owner}.`) ? name.slice(owner.length + 1) : name,
    limit,
    burst,
  }))
}

function textOf({ name, limit, burst }: { name: string; limit: string; burst?: number | undefined }): RateLimitText {
  return { name, limit, ...(burst !== undefined && { burst }) }
}
