import type { KeyId } from '@letterlock/contract'
import { type Db, keySecrets, type KeyForVerification, meters, openChangeFeed, openKeyStore } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import type { Peppers } from '@letterlock/keys/digest'
import {
  createVerifier, type KeyRead, keyRecord, localProver, type OldPepper, type ProveToken, type StoredKey, type TakeTokens, type Verifier,
} from '@letterlock/verifier'
import type { Config } from './config.ts'
import type { Log } from './log.ts'

/** What the verifier of this process stands on. */
export interface VerifierNeeds {
  readonly config: Config
  readonly log: Log
  readonly keyFormat: KeyFormat
  readonly peppers: Peppers
  readonly clock: () => Date
  readonly db: Db
  /** Straight to the primary. */
  readonly directUrl: string
  readonly takeTokens: TakeTokens
}

/** The one verifier of this process, and the proof of a token beside its cache. */
export interface OpenVerifier {
  readonly verifier: Verifier
  readonly proveToken: ProveToken
  /**
   * Waits until this node has seen a revision, for at most 250 ms: whoever changes a key here finds the change in force
   * here when he has his answer.
   */
  readonly settle: (revision: number) => Promise<void>
}

/** Opens the verifier on connections of its own, so that no other work stands in its way, and begins to follow changes. */
export async function openVerifier(needs: VerifierNeeds, closers: AsyncDisposableStack): Promise<OpenVerifier> {
  const { config, log, db, directUrl: connectionString, clock } = needs
  const onIdleError = (error: Error) => log.warn({ reason: error.message, pool: 'keys' }, 'a database connection broke')
  const store = openKeyStore({ connectionString, max: 6, applicationName: 'letterlock-keys', onIdleError })
  closers.defer(() => store.close())
  const feed = openChangeFeed({ connectionString, applicationName: 'letterlock-changes', onNotify: () => verifier.wake() })
  closers.defer(() => feed.close())
  const proveToken = localProver({ ...pepperEvents(needs), peppers: needs.peppers, readKey: async (id) => toKeyRead(await store.readKey(id)) })
  const { maxStalenessMs } = config
  const verifier = createVerifier({
    keyFormat: needs.keyFormat,
    proveToken,
    pollChanges: (after, signal, stamp) => feed.poll(after, signal, stamp),
    takeTokens: needs.takeTokens,
    takeQuota: (environmentId, demand) => meters.takeQuota(db, environmentId, { ...demand, now: clock() }),
    clock,
    monotonic: () => performance.now(),
    onError: reportChanges(log),
  }, { maxStalenessMs, pollEveryMs: Math.min(250, maxStalenessMs / 4) })
  closers.defer(() => verifier.stop())
  await verifier.start()
  return { verifier, proveToken, settle }

  async function settle(revision: number): Promise<void> {
    if ((verifier.state().revision ?? 0) >= revision) return
    verifier.wake()
    await verifier.changedAfter(revision - 1, { withinMs: 250, signal: never })
  }
}

const never = new AbortController().signal

/** A stored key as the verifier decides upon it. */
export function toKeyRead({ revision, found }: { revision: number; found: KeyForVerification | null }): KeyRead {
  return { revision, stored: found && toStoredKey(found) }
}

function toStoredKey(found: KeyForVerification): StoredKey {
  return {
    secrets: found.secrets,
    // made when the secret is proven: the work of it must not tell a wrong secret from an unknown id
    get record() {
      const { id: keyId, secrets: _, roleId, planId, rateLimits, workspaceRateLimits, planRateLimits, ipAllow, ...facts } = found
      const dependsOn = [facts.workspaceId, roleId, planId].filter((id) => id !== null)
      return keyRecord({ ...facts, keyId, dependsOn }, { ipAllow, rateLimits, workspaceRateLimits, planRateLimits })
    },
  }
}

function pepperEvents({ db, log }: Pick<VerifierNeeds, 'db' | 'log'>) {
  return {
    onUnknownPepper: (fault: { keyId: KeyId; pepperVersion: string }) => log.error(fault, 'a stored key needs a pepper that is not in LETTERLOCK_PEPPERS'),
    onOldPepper: ({ keyId, ...move }: OldPepper) => {
      keySecrets.moveToPepper(db, keyId, move).catch((error: unknown) => log.warn({ err: error, keyId }, 'a key could not move to the newest pepper'))
    },
  }
}

/** An outage is said once, not for every request that meets it: a poll comes four times a second. */
function reportChanges(log: Log) {
  let saidAt = -Infinity
  return (error: unknown, during: string) => {
    if (performance.now() - saidAt < 5_000) return
    saidAt = performance.now()
    log.error({ err: error, during }, 'the verifier could not reach a store; it answers 503 where it cannot prove its view fresh')
  }
}
