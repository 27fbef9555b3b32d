// The verifier as the server composes it: key store, change feed, rate limits in memory.
import { type KeyForVerification, openChangeFeed, openKeyStore } from '@letterlock/db'
import { letterlockKeys } from '@letterlock/keys'
import type { Peppers } from '@letterlock/keys/digest'
import { createVerifier, keyRecord, localProver, memoryLimits, type StoredKey, type Verifier } from '@letterlock/verifier'

export interface OpenVerifierOptions {
  readonly connectionString: string
  readonly peppers: Peppers
  /** Connections of the key store at most. */
  readonly max: number
  /** Proven keys kept; 1 is as good as none. Absent: the default. */
  readonly maxKeys?: number
}

export async function openVerifier(closers: AsyncDisposableStack, { connectionString, peppers, max, maxKeys }: OpenVerifierOptions): Promise<Verifier> {
  const clock = () => new Date()
  const store = openKeyStore({ connectionString, max, applicationName: 'letterlock-bench' })
  closers.defer(() => store.close())
  const feed = openChangeFeed({ connectionString, applicationName: 'letterlock-bench', onNotify: () => verifier.wake() })
  closers.defer(() => feed.close())
  const proveToken = localProver({
    peppers,
    async readKey(id) {
      const { revision, found } = await store.readKey(id)
      return { revision, stored: found && storedKey(found) }
    },
  })
  const { takeTokens } = memoryLimits({ clock })
  const verifier = createVerifier({
    keyFormat: letterlockKeys, proveToken, takeTokens, clock,
    pollChanges: (after, signal, stamp) => feed.poll(after, signal, stamp),
    monotonic: () => performance.now(),
    onError: (error, during) => console.error(`${during}:`, error),
  }, maxKeys === undefined ? {} : { maxKeys })
  await verifier.start()
  closers.defer(() => verifier.stop())
  return verifier
}

function storedKey(found: KeyForVerification): StoredKey {
  return {
    secrets: found.secrets,
    get record() { // made when the secret was proven: otherwise its time would tell a known id from an unknown one
      const { id: keyId, secrets: _, roleId, planId, ipAllow, rateLimits, workspaceRateLimits, planRateLimits, ...facts } = found
      const dependsOn = [roleId, planId].filter((id) => id !== null)
      return keyRecord({ ...facts, keyId, dependsOn }, { ipAllow, rateLimits, workspaceRateLimits, planRateLimits })
    },
  }
}
