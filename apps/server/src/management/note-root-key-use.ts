import type { KeyId } from '@letterlock/contract'
import { type Db, keys } from '@letterlock/db'
import type { Log } from '../log.ts'

const accuracyMs = 60_000

/**
 * Keeps `lastUsedAt` of root keys, exact to a minute: one write per key and minute at most, in this process.
 * A write that fails is logged; it must not stand in the way of the request.
 */
export function noteRootKeyUse({ db, log }: { readonly db: Db; readonly log: Log }) {
  const noted = new Map<KeyId, number>() // as many as there are root keys
  return async (keyId: KeyId, at: Date, ip: string): Promise<void> => {
    if (at.getTime() - (noted.get(keyId) ?? 0) < accuracyMs) return
    noted.set(keyId, at.getTime())
    try {
      await keys.touchLastUsed(db, [{ keyId, at, ip }])
    } catch (error) {
      log.warn({ err: error }, 'the use of a root key could not be noted')
    }
  }
}
