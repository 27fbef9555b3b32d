import type { EnvironmentId, KeyId, WorkspaceId } from '@letterlock/contract'
import type { RateLimitText, SecretVersion } from '@letterlock/verifier'

/** A key of a test server as it is kept: all that its record is computed from, and what proves it. */
export interface StoredKey {
  readonly keyId: KeyId
  readonly name: string
  readonly mode: 'live' | 'test'
  readonly workspaceId: WorkspaceId
  readonly environmentId: EnvironmentId
  readonly createdAt: Date
  scopes: readonly string[]
  status: 'active' | 'disabled' | 'revoked'
  revokedAt: Date | null
  expiresAt: Date | null
  rateLimits: readonly RateLimitText[]
  ipAllow: readonly string[]
  secrets: readonly SecretVersion[]
  /** Names of events of its time that were told. */
  readonly told: Set<string>
}
