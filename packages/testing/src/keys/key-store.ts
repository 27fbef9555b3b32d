import { type KeyId } from '@letterlock/contract'
import { letterlockKeys } from '@letterlock/keys'
import { definePeppers, digestKey } from '@letterlock/keys/digest'
import { createVerifier, defaultRateLimit, keyRecord, localProver, memoryLimits, type RateLimitText, type Verify } from '@letterlock/verifier'
import type { StoredKey } from './stored-key.ts'

/** The keys of a test server and what verifies them: the verifier that the server has, with a store in memory. */
export interface KeyStore {
  readonly verify: Verify
  readonly revision: () => number
  readonly find: (keyId: KeyId) => StoredKey | undefined
  readonly all: () => readonly StoredKey[]
  readonly insert: (key: StoredKey) => void
  /** Changes a key, or what all depend on; it is in force for the next request. */
  readonly change: (change?: () => void) => void
  /** A new secret for the key, as it is stored and as its holder gets it. */
  readonly issueSecret: (key: Pick<StoredKey, 'keyId' | 'mode'>, version: number) => { readonly token: string; readonly secret: StoredKey['secrets'][number] }
  suspended: boolean
  /** Limits that all keys of an environment share. */
  workspaceRateLimits: readonly RateLimitText[]
}

/** @param clock the time of keys and limits */
export function keyStore(clock: () => Date): KeyStore {
  const keys = new Map<KeyId, StoredKey>()
  const peppers = definePeppers([{ version: 'v1', secret: crypto.getRandomValues(new Uint8Array(32)) }])
  let revision = 1
  // It is not started, so it remembers nothing and reads the store for each request: changes are in force at once.
  const verifier = createVerifier({
    keyFormat: letterlockKeys,
    proveToken: localProver({ peppers, readKey: async (keyId) => ({ revision, stored: readStored(keyId) }) }),
    pollChanges: async () => ({ revision, changes: 'all' }),
    takeTokens: memoryLimits({ clock }).takeTokens,
    clock,
    monotonic: () => clock().getTime(),
  })
  const store: KeyStore = {
    verify: verifier.verify,
    revision: () => revision,
    find: (keyId) => keys.get(keyId),
    all: () => [...keys.values()],
    insert(key) {
      keys.set(key.keyId, key)
      revision += 1
    },
    change(change) {
      change?.()
      revision += 1
    },
    issueSecret({ keyId, mode }, version) {
      const { token } = letterlockKeys.issue({ mode, keyId })
      const { digest, version: pepperVersion } = digestKey(token, peppers[0])
      return { token, secret: { version, digest, pepperVersion, retiresAt: null } }
    },
    suspended: false,
    workspaceRateLimits: [],
  }
  return store

  function readStored(keyId: KeyId) {
    const key = keys.get(keyId)
    if (!key) return null
    const { rateLimits, ipAllow, secrets, ...facts } = key
    const workspaceStatus = store.suspended ? 'suspended' as const : 'active' as const
    const policy = { ipAllow, rateLimits, workspaceRateLimits: store.workspaceRateLimits }
    return { record: keyRecord({ ...facts, workspaceStatus, dependsOn: [] }, policy, defaultRateLimit), secrets }
  }
}
