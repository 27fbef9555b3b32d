import type { KeyId } from '@letterlock/contract'
import { type Db, keys } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import type { Peppers } from '@letterlock/keys/digest'
import { keyRecord, memoryLimits, type OldPepper, type StoredKey, type Verify, verifyKey } from '@letterlock/verifier'
import type { Log } from '../log.ts'

/** The verifier on this server's database, with rate limits in this process. */
export function createVerify(deps: { db: Db; keyFormat: KeyFormat; peppers: Peppers; clock: () => Date; log: Log }): Verify {
  const { db, keyFormat, peppers, clock, log } = deps
  const { takeTokens } = memoryLimits({ clock })
  const onUnknownPepper = (fault: object) => log.error(fault, 'a stored key needs a pepper that is not in LETTERLOCK_PEPPERS')
  const onOldPepper = ({ keyId, ...move }: OldPepper) => {
    keys.moveToPepper(db, keyId, move).catch((error: unknown) => log.warn({ err: error, keyId }, 'a key could not move to the newest pepper'))
  }
  const ports = { keyFormat, peppers, findKey: (id: KeyId) => findKey(db, id), takeTokens, clock, onUnknownPepper, onOldPepper }
  return (request) => verifyKey(ports, request)
}

async function findKey(db: Db, id: KeyId): Promise<StoredKey | null> {
  const found = await keys.findKeyForVerification(db, id)
  if (!found) return null
  const { key, workspaceStatus, secrets } = found
  const facts = {
    keyId: key.id, name: key.name, mode: key.mode, workspaceId: key.workspace_id, environmentId: key.environment_id,
    scopes: key.scopes, status: key.status, workspaceStatus, createdAt: key.created_at, expiresAt: key.expires_at,
  }
  return { record: keyRecord(facts, { ipAllow: key.ip_allow, rateLimits: key.rate_limits }), secrets }
}
