import type { KeyId } from '@letterlock/contract'
import { type Db, keyUses } from '@letterlock/db'
import type { Log } from '../log.ts'

const accuracyMs = 60_000

/**
 * Keeps `lastUsedAt` of root keys, exact to a minute: one write per key and minute at most, in this process.
 * The request does not wait for it; a write that fails is logged.
 */
export function noteRootKeyUse({ db, log }: { readonly db: Db; readonly log: Log }) {
  const noted = new Map<KeyId, number>() // as many as there are root keys
  return (keyId: KeyId, at: Date, ip: string): void => {
    if (at.getTime() - (noted.get(keyId) ?? 0) < accuracyMs) return
    noted.set(keyId, at.getTime())
    keyUses.touchLastUsed(db, [{ keyId, at, ip }]).catch((error: unknown) => log.warn({ err: error }, 'the use of a root key could not be noted'))
  }
}
