import type { AccessTokenId, KeyId } from '@letterlock/contract'
import { type Db, imports, keySecrets, type KeyForVerification, meters, openChangeFeed, openKeyStore } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import type { Peppers } from '@letterlock/keys/digest'
import {
  createVerifier, type ImportDue, type KeyRead, keyRecord, localProver, type OldPepper, type ProveToken, type StoredKey, type TakeTokens, type Verifier,
} from '@letterlock/verifier'
import type { Config } from './config.ts'
import { followForeignPrefixes, type ForeignPrefixes } from './foreign-prefixes.ts'
import type { Log } from './log.ts'

/** What the verifier of this process stands on. */
export interface VerifierNeeds {
  readonly config: Config
  readonly log: Log
  readonly keyFormat: KeyFormat
  /** Told what foreign tokens begin with, each time that it was read. */
  readonly learnPrefixes: (prefixes: readonly string[]) => void
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
  readonly foreignPrefixes: ForeignPrefixes
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
  const foreignPrefixes = followForeignPrefixes(() => store.listImportPrefixes(), needs.learnPrefixes)
  const proveToken = localProver({
    ...digestEvents(needs),
    peppers: needs.peppers,
    readKey: async (id) => toKeyRead(await store.readKey(id)),
    readAccessToken: async (id) => toTokenRead(await store.readAccessToken(id), id),
    readForeignKey: async (lookups) => toKeyRead(await store.readForeignKey(lookups)),
  })
  const { maxStalenessMs } = config
  const verifier = createVerifier({
    keyFormat: needs.keyFormat,
    proveToken,
    foreignPrefixes: foreignPrefixes.list,
    pollChanges: async (after, signal, stamp) => foreignPrefixes.after(await feed.poll(after, signal, stamp)),
    takeTokens: needs.takeTokens,
    takeQuota: (environmentId, demand) => meters.takeQuota(db, environmentId, { ...demand, now: clock() }),
    clock,
    monotonic: () => performance.now(),
    onError: reportChanges(log),
  }, { maxStalenessMs, pollEveryMs: Math.min(250, maxStalenessMs / 4) })
  closers.defer(() => verifier.stop())
  await verifier.start()
  return { verifier, proveToken, foreignPrefixes, settle }

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

/** As `toKeyRead`, of an access token: what becomes of it concerns its proof as what becomes of its key does. */
export function toTokenRead(read: Parameters<typeof toKeyRead>[0], id: AccessTokenId): KeyRead {
  const { revision, stored } = toKeyRead(read)
  if (!stored) return { revision, stored }
  return {
    revision,
    stored: {
      secrets: stored.secrets,
      get record() {
        return { ...stored.record, dependsOn: [...stored.record.dependsOn, id] }
      },
    },
  }
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

function digestEvents({ db, log, clock }: Pick<VerifierNeeds, 'db' | 'log' | 'clock'>) {
  return {
    onUnknownPepper: (fault: { keyId: KeyId; pepperVersion: string }) => log.error(fault, 'a stored key needs a pepper that is not in LETTERLOCK_PEPPERS'),
    onOldPepper: ({ keyId, ...move }: OldPepper) => {
      keySecrets.moveToPepper(db, keyId, move).catch((error: unknown) => log.warn({ err: error, keyId }, 'a key could not move to the newest pepper'))
    },
    onImportDue: ({ keyId, ...due }: ImportDue) => {
      const upgraded = imports.upgradeImportedKey(db, keyId, { ...due, now: clock() })
      upgraded.catch((error: unknown) => log.warn({ err: error, keyId }, 'an imported key could not be upgraded'))
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
