import type { EnvironmentId, KeyId, WorkspaceId } from '@letterlock/contract'

/** Who makes a request of the product API: a key that was proven and may do this operation. */
export interface Principal {
  readonly keyId: KeyId
  readonly name: string
  readonly mode: 'live' | 'test'
  readonly workspaceId: WorkspaceId
  readonly environmentId: EnvironmentId
  readonly scopes: readonly string[]
  readonly rateLimits: readonly { name: string; limit: string; burst?: number }[]
  readonly expiresAt: Date | null
  readonly createdAt: Date
}
