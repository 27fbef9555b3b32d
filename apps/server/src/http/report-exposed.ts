import type { KeyId } from '@letterlock/contract'
import { type Db, keys } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import type { ProveToken } from '@letterlock/verifier'
import type { Log } from '../log.ts'

/** Flags a key that was seen in a URL or body as exposed; text that is no real key changes nothing. */
export function reportExposed(deps: { db: Db; keyFormat: KeyFormat; proveToken: ProveToken; clock: () => Date; log: Log }) {
  return async (text: string): Promise<void> => {
    const parsed = deps.keyFormat.parse(text)
    if (!parsed.ok) return
    const keyId = parsed.keyId as string as KeyId // the same shape under the brand of the contract
    const { key } = await deps.proveToken({ token: parsed.token, keyId })
    if (!key) return
    const first = await keys.markExposed(deps.db, keyId, deps.clock())
    if (first) deps.log.warn({ keyId }, 'a key was sent in a URL or body and is exposed; it should be replaced')
  }
}
