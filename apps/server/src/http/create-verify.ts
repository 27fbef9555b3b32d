import type { KeyId } from '@letterlock/contract'
import { type Db, keys, revisions } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import type { Peppers } from '@letterlock/keys/digest'
import { createVerifier, keyRecord, type KeyRead, localProver, memoryLimits, type OldPepper, type Polled, type Verify } from '@letterlock/verifier'
import type { Log } from '../log.ts'

/** The verifier on this server's database, with rate limits in this process. */
export function createVerify(deps: { db: Db; keyFormat: KeyFormat; peppers: Peppers; clock: () => Date; log: Log }): Verify {
  const { db, keyFormat, peppers, clock, log } = deps
  const { takeTokens } = memoryLimits({ clock })
  const onUnknownPepper = (fault: object) => log.error(fault, 'a stored key needs a pepper that is not in LETTERLOCK_PEPPERS')
  const onOldPepper = ({ keyId, ...move }: OldPepper) => {
    keys.moveToPepper(db, keyId, move).catch((error: unknown) => log.warn({ err: error, keyId }, 'a key could not move to the newest pepper'))
  }
  const proveToken = localProver({ readKey: (id) => readKey(db, id), peppers, onUnknownPepper, onOldPepper })
  const pollChanges = (after: number | null) => poll(db, after)
  const onError = (error: unknown, during: string) => log.error({ err: error, during }, 'the verifier could not reach a store')
  const ports = { keyFormat, proveToken, pollChanges, takeTokens, clock, monotonic: () => performance.now(), onError }
  return createVerifier(ports).verify // not started: each check reads
}

async function poll(db: Db, after: number | null): Promise<Polled> {
  const revision = await revisions.currentRevision(db)
  return { revision, changes: revision === after ? [] : 'all' }
}

async function readKey(db: Db, id: KeyId): Promise<KeyRead> {
  const revision = await revisions.currentRevision(db) // before the key: it may be newer than that, never older
  const found = await keys.findKeyForVerification(db, id)
  if (!found) return { revision, stored: null }
  const { key, workspaceStatus, secrets } = found
  const facts = {
    keyId: key.id, name: key.name, mode: key.mode, workspaceId: key.workspace_id, environmentId: key.environment_id,
    scopes: key.scopes, status: key.status, workspaceStatus, createdAt: key.created_at, expiresAt: key.expires_at, dependsOn: [],
  }
  return { revision, stored: { record: keyRecord(facts, { ipAllow: key.ip_allow, rateLimits: key.rate_limits }), secrets } }
}
