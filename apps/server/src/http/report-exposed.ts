import type { KeyId } from '@letterlock/contract'
import { type Db, keys } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import { matchDigest, type Peppers } from '@letterlock/keys/digest'
import type { Log } from '../log.ts'

/** Flags a key that was seen in a URL or body as exposed; text that is no real key changes nothing. */
export function reportExposed(deps: { db: Db; keyFormat: KeyFormat; peppers: Peppers; clock: () => Date; log: Log }) {
  return async (token: string): Promise<void> => {
    const parsed = deps.keyFormat.parse(token)
    if (!parsed.ok) return
    const keyId = parsed.keyId as string as KeyId // the same shape under the brand of the contract
    const found = await keys.findKeyForVerification(deps.db, keyId)
    const proven = found?.secrets.some(({ digest, pepperVersion: version }) =>
      matchDigest(token, { version, digest }, deps.peppers).startsWith('match'))
    if (!proven) return
    const first = await keys.markExposed(deps.db, keyId, deps.clock())
    if (first) deps.log.warn({ keyId }, 'a key was sent in a URL or body and is exposed; it should be replaced')
  }
}
