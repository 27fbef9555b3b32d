import { errorCodes, type KeyId } from '@letterlock/contract'
import type { KeyFormat, KeyMode, KeyToken } from '@letterlock/keys'
import { digestKey, type KeyDigest, type Peppers } from '@letterlock/keys/digest'
import { type Ask, decide, type ProvenKey } from './decide.ts'
import type { KeyRecord } from './key-record.ts'
import type { Decision, Outcome } from './outcome.ts'
import { proveSecret, type SecretVersion } from './prove-secret.ts'
import type { TakeTokens } from './take-tokens.ts'

/** A key as it is stored: what is decided upon, and what proves it. */
export interface StoredKey {
  readonly record: KeyRecord
  readonly secrets: readonly SecretVersion[]
}

/** Port: the one indexed read of a verification; null when there is no such key. Throws when the store is out. */
export type FindKey = (keyId: KeyId) => Promise<StoredKey | null>

/** What the verifier needs of the world. */
export interface VerifierPorts {
  readonly keyFormat: Pick<KeyFormat, 'parse'>
  readonly peppers: Peppers
  readonly findKey: FindKey
  readonly takeTokens: TakeTokens
  readonly clock: () => Date
  /** Told when a stored secret cannot be examined because its pepper is not configured; it counts as wrong. */
  readonly onUnknownPepper?: (fault: { keyId: KeyId; pepperVersion: string }) => void
  /** Told when a proven secret is stored under an older pepper; the digest is what to store instead. Must not wait. */
  readonly onOldPepper?: (found: OldPepper) => void
}

/** A stored secret that is due to move to the newest pepper. */
export interface OldPepper {
  readonly keyId: KeyId
  readonly secretVersion: number
  readonly oldPepperVersion: string
  readonly newPepperVersion: string
  readonly digest: KeyDigest
}

/** May the bearer of `key` do this? */
export interface VerifyRequest extends Ask {
  /** The text that was presented as a key, whatever it is. */
  readonly key: string
  /** The modes that open this door; a key of another one is as invalid as an unknown one. */
  readonly modes: readonly KeyMode[]
}

/** The verifier with its ports filled in. */
export type Verify = (request: VerifyRequest) => Promise<Outcome>

/**
 * Verifies a key: parse, read, prove the secret, decide, take from the rate limits. Never throws for what was
 * presented; throws what a port throws.
 * @example
 * const outcome = await verifyKey(ports, { key, modes: ['live', 'test'], scope: 'contacts:read', ip: '192.0.2.7' })
 * if (outcome.code !== 'ok') return refuse(outcome)
 */
export async function verifyKey(ports: VerifierPorts, request: VerifyRequest): Promise<Outcome> {
  const parsed = ports.keyFormat.parse(request.key)
  if (!parsed.ok || !request.modes.includes(parsed.mode)) return invalidKey
  const keyId = parsed.keyId as string as KeyId // the same shape under the brand of the contract
  const stored = await ports.findKey(keyId)
  const secret = proveSecret(parsed.token, stored?.secrets ?? [], {
    peppers: ports.peppers,
    onUnknownPepper: (pepperVersion) => ports.onUnknownPepper?.({ keyId, pepperVersion }),
  })
  if (!stored || !secret) return invalidKey
  if (secret.pepperVersion !== ports.peppers[0].version) reportOldPepper(ports, { token: parsed.token, keyId, secret })
  return applyLimits(ports, decide(provenKey(stored, secret), request, ports.clock()))
}

const invalidKey: Outcome = { code: 'invalid_key' }

function reportOldPepper({ peppers, onOldPepper }: VerifierPorts, found: { token: KeyToken; keyId: KeyId; secret: SecretVersion }) {
  const { version: newPepperVersion, digest } = digestKey(found.token, peppers[0])
  const { version: secretVersion, pepperVersion: oldPepperVersion } = found.secret
  onOldPepper?.({ keyId: found.keyId, secretVersion, oldPepperVersion, newPepperVersion, digest })
}

function provenKey({ record, secrets }: StoredKey, secret: SecretVersion): ProvenKey {
  const superseded = secrets.some(({ version }) => version > secret.version)
  return { record, secretVersion: secret.version, superseded, secretRetiresAt: secret.retiresAt }
}

/** A refusal costs no token; where it is a 403 the limits are looked at, because authenticated answers state them. */
async function applyLimits({ takeTokens }: VerifierPorts, decision: Decision): Promise<Outcome> {
  const { record, secretVersion, superseded } = decision
  if (decision.code !== 'ok' && errorCodes[decision.code].status === 401) return { ...decision, limits: [] }
  const taken = await takeTokens({ limits: record.rateLimits, cost: decision.code === 'ok' ? 1 : 0 })
  if (taken.taken) return { ...decision, limits: taken.limits }
  const { limits, limitName, retryAfterMs } = taken
  return { code: 'rate_limited', record, secretVersion, superseded, limits, limitName, retryAfterMs }
}
