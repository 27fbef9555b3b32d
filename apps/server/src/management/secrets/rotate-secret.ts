import { keyLooks, type keys, keySecrets, secretVersions, type Tx } from '@letterlock/db'
import type { KeyToken } from '@letterlock/keys'
import { failure } from '../../http/failure.ts'
import type { Audit } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { issueFurtherSecret } from '../issue-secret.ts'
import { refuseExpired, refuseRevoked } from '../keys/key-states.ts'
import { refuse } from '../refuse.ts'
import { type Overlap, plannedEnd } from './overlap.ts'

/** What a rotation made. */
export interface Rotated {
  readonly secret: KeyToken
  readonly version: number
  /** When the secret that was the newest ends at the latest. */
  readonly retiresAt: Date
  readonly audit: Pick<Audit, 'before' | 'after'>
}

/**
 * Gives a locked key another secret version; those that live end by the overlap. A disabled key may be rotated, which
 * is how a leaked one comes back; a revoked or expired one may not.
 */
export async function rotateSecret(
  tx: Tx, deps: Pick<ManagementDeps, 'keyFormat' | 'peppers'>, { key, overlap, now }: { key: keys.KeyRow; overlap: Overlap; now: Date },
): Promise<Rotated> {
  refuseRevoked(key)
  refuseExpired(key, now)
  const end = plannedEnd(overlap, key, now)
  const known = await secretVersions.listSecretVersions(tx, key.id, { limit: 2 * versionsExamined })
  const version = (known[0]?.version ?? 0) + 1
  if (end.retiresAt > now) refuseTooMany(known.filter(({ retires_at: ends }) => ends === null || ends > now), version)
  await secretVersions.planEnds(tx, key.id, { ...end, now })
  const { token, secret } = issueFurtherSecret(deps, key)
  await keySecrets.insertSecret(tx, key.id, { ...secret, version, now })
  await keyLooks.lookSoon(tx, key.id)
  const after = { version, retiresAt: end.retiresAt.toISOString(), untilSilentForMs: end.silentForMs }
  return { secret: token, version, retiresAt: end.retiresAt, audit: { before: { version: version - 1 }, after } }
}

/** Each check compares with the newest versions only: none that lives may fall behind them. */
const versionsExamined = 20
const maxLive = 5

// refused and not retired: what still lives may be in use
function refuseTooMany(live: readonly secretVersions.SecretVersionRow[], version: number): void {
  const oldest = live.at(-1)
  if (!oldest || (live.length < maxLive && version - oldest.version < versionsExamined)) return
  const versions = live.map((each) => each.version)
  refuse(failure(
    'invalid_state',
    `The key has ${live.length} live secret versions (${versions.join(', ')}). Retire version ${oldest.version} with retireSecret first, or rotate with overlap 0s, which ends all of them.`,
    { members: { liveVersions: versions } },
  ))
}
