import type { KeyId } from '@letterlock/contract'
import { type Db, keyUses } from '@letterlock/db'
import type { Log } from '../log.ts'

/** A secret version of a root key. */
export interface UsedSecret {
  readonly keyId: KeyId
  readonly secretVersion: number
}

const accuracyMs = 60_000

/**
 * Keeps `lastUsedAt` of root keys and of their secret versions, exact to a minute: one write per version and minute at
 * most, in this process. The request does not wait for it; a write that fails is logged, and tried again at the next use.
 */
export function noteRootKeyUse({ db, log }: { readonly db: Db; readonly log: Log }) {
  const noted = new Map<string, number>() // as many as there are secrets of root keys
  return ({ keyId, secretVersion }: UsedSecret, at: Date, ip: string): void => {
    const name = `${keyId} ${secretVersion}`
    if (at.getTime() - (noted.get(name) ?? 0) < accuracyMs) return
    noted.set(name, at.getTime())
    keyUses.touchLastUsed(db, [{ keyId, secretVersion, at, ip }]).catch((error: unknown) => {
      noted.delete(name)
      log.warn({ err: error }, 'the use of a root key could not be noted')
    })
  }
}
