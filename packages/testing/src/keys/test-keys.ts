import { isProductScope, type KeyId, nearestName, type ProductScope, productScopeNames } from '@letterlock/contract'
import { letterlockKeys } from '@letterlock/keys'
import { parseAddressRange, parseNamedLimit, type RateLimitText } from '@letterlock/verifier'
import type { MemoryEnvironment } from '../memory/environment.ts'
import { durationMs, type TestClock } from '../test-clock.ts'
import type { EmitEvent } from '../webhooks/test-webhooks.ts'
import type { KeyStore } from './key-store.ts'
import type { StoredKey } from './stored-key.ts'

/** What a key may; everything has a default. */
export interface NewKey {
  /** All scopes of the product unless given. */
  readonly scopes?: readonly ProductScope[]
  readonly name?: string
  /** `live` unless given. Each mode has contacts, lists and e-mails of its own. */
  readonly mode?: 'live' | 'test'
  /** When it ends, as a moment or from now: `30d`. Never unless given. */
  readonly expires?: Date | string
  /** `[{ name: 'default', limit: '100/10s' }]`; 1000 in 10 s unless given. */
  readonly rateLimits?: readonly RateLimitText[]
  /** Addresses and ranges it may be used from; all unless given. */
  readonly ipAllow?: readonly string[]
}

/** The secret of a key: a client is given the `token`. Printed and serialised it does not show it. */
export interface TestKey {
  readonly id: KeyId
  /** The newest secret. */
  readonly token: string
  /**
   * A new secret. The one before it stays valid for the overlap (`24h` unless given, `0s`: none); then it answers `retired_secret`.
   */
  readonly rotate: (options?: { readonly overlap?: string | number }) => string
  readonly revoke: () => void
  readonly disable: () => void
  readonly enable: () => void
  /** Changes what it may from the next request on. */
  readonly update: (changes: Omit<NewKey, 'name' | 'mode'>) => void
}

export interface TestKeys {
  readonly create: (key?: NewKey) => TestKey
}

interface Deps {
  readonly store: KeyStore
  readonly clock: TestClock
  readonly environmentOf: (mode: 'live' | 'test') => MemoryEnvironment
  readonly emit: EmitEvent
}

export function testKeys({ store, clock, environmentOf, emit }: Deps): TestKeys {
  return { create }

  function create({ scopes = productScopeNames, name = 'test key', mode = 'live', expires, rateLimits = [], ipAllow = [] }: NewKey = {}): TestKey {
    const { keyId: id } = letterlockKeys.issue({ mode })
    const keyId = id as string as KeyId // the same shape under the brand of the contract
    const environment = environmentOf(mode)
    const first = store.issueSecret({ keyId, mode }, 1)
    const key: StoredKey = {
      keyId, name, mode, workspaceId: environment.workspaceId, environmentId: environment.id, createdAt: clock.now(),
      scopes: checkedScopes(scopes), status: 'active', revokedAt: null, expiresAt: momentOf(expires),
      rateLimits: checkedLimits(rateLimits), ipAllow: checkedRanges(ipAllow), secrets: [first.secret], told: new Set(),
    }
    store.insert(key)
    emit('key.created', { keyId, name })
    return handleOf(key, first.token)
  }

  function handleOf(key: StoredKey, firstToken: string): TestKey {
    let newest = firstToken
    const named = { keyId: key.keyId, name: key.name }
    const setStatus = (status: 'active' | 'disabled', event: 'key.enabled' | 'key.disabled') => () => {
      if (key.status === 'revoked' || key.status === status) return
      store.change(() => (key.status = status))
      emit(event, named)
    }
    const handle = {
      id: key.keyId,
      rotate({ overlap = '24h' }: { readonly overlap?: string | number } = {}) {
        const retiresAt = new Date(clock.now().getTime() + durationMs(overlap))
        const version = key.secrets.length + 1
        const { token, secret } = store.issueSecret(key, version)
        const older = key.secrets.map((each) => ({ ...each, retiresAt: each.retiresAt !== null && each.retiresAt < retiresAt ? each.retiresAt : retiresAt }))
        store.change(() => (key.secrets = [...older, secret]))
        newest = token
        emit('key.rotated', { ...named, version, retiresAt: retiresAt.toISOString() })
        return token
      },
      revoke: () => void revokeKey(store, key, { now: clock.now(), emit }),
      disable: setStatus('disabled', 'key.disabled'),
      enable: setStatus('active', 'key.enabled'),
      update({ scopes, expires, rateLimits, ipAllow }: Omit<NewKey, 'name' | 'mode'>) {
        const changes = {
          ...(scopes && { scopes: checkedScopes(scopes) }),
          ...(expires !== undefined && { expiresAt: momentOf(expires) }),
          ...(rateLimits && { rateLimits: checkedLimits(rateLimits) }),
          ...(ipAllow && { ipAllow: checkedRanges(ipAllow) }),
        }
        store.change(() => Object.assign(key, changes))
        emit('key.updated', named)
      },
    }
    // not enumerable: a key that a test prints stays a secret all the same
    return Object.defineProperty(handle as TestKey, 'token', { get: () => newest, enumerable: false })
  }

  function momentOf(expires: Date | string | undefined): Date | null {
    if (expires === undefined) return null
    const at = typeof expires === 'string' && /^\d+(ms|s|m|h|d)$/.test(expires) ? new Date(clock.now().getTime() + durationMs(expires)) : new Date(expires)
    if (Number.isNaN(at.getTime())) throw new RangeError(`expires must be a moment or a duration such as 30d, got ${JSON.stringify(expires)}`)
    return at
  }
}

/** Revokes a key for ever, once; says when that was. */
export function revokeKey(store: KeyStore, key: StoredKey, { now, emit }: { now: Date; emit: EmitEvent }): { revokedAt: Date; revision: number } {
  if (key.revokedAt) return { revokedAt: key.revokedAt, revision: store.revision() }
  store.change(() => Object.assign(key, { status: 'revoked', revokedAt: now }))
  emit('key.revoked', { keyId: key.keyId, name: key.name })
  return { revokedAt: now, revision: store.revision() }
}

function checkedScopes(scopes: readonly string[]): readonly string[] {
  for (const scope of scopes) {
    const near = nearestName(scope, productScopeNames)
    if (!isProductScope(scope)) throw new RangeError(`There is no scope ${JSON.stringify(scope)}.${near ? ` Did you mean ${near}?` : ''}`)
  }
  return [...new Set(scopes)]
}

/** @throws RangeError for a limit that a server would not take */
export function checkedLimits(limits: readonly RateLimitText[]): readonly RateLimitText[] {
  for (const limit of limits) if (!parseNamedLimit('key', limit)) throw new RangeError(`${JSON.stringify(limit)} is no rate limit; write { name: 'default', limit: '100/10s' }.`)
  return limits
}

function checkedRanges(ranges: readonly string[]): readonly string[] {
  for (const range of ranges) if (!parseAddressRange(range)) throw new RangeError(`${JSON.stringify(range)} is no address or range.`)
  return ranges
}
