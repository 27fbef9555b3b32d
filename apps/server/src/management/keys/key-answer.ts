import { idSchema, timestamp } from '@letterlock/contract'
import { keys } from '@letterlock/db'
import { z } from 'zod'

export const rateLimit = z.strictObject({ name: z.string(), limit: z.string(), burst: z.number().int().optional() })

const common = {
  id: idSchema('key'),
  name: z.string(),
  purpose: z.string().optional(),
  /** Its own. */
  scopes: z.array(z.string()),
  status: z.enum(['active', 'disabled', 'revoked']),
  expiresAt: timestamp.nullable(),
  revokedAt: timestamp.nullable(),
  revokedReason: z.string().optional(),
  exposedAt: timestamp.nullable(),
  lastUsedAt: timestamp.nullable(),
  createdBy: z.string().optional(),
  createdAt: timestamp,
  updatedAt: timestamp,
}

/** An API key without its secret. */
export const key = z.strictObject({
  ...common,
  mode: z.enum(['live', 'test']),
  /** Who answers for it. */
  owner: z.string().optional(),
  /** Where it is kept: the path in a vault, a secret of a CI. */
  storedIn: z.string().optional(),
  workspaceId: idSchema('workspace'),
  environmentId: idSchema('environment'),
  roleId: idSchema('role').nullable(),
  /** Its own and those of its role: what requests may do. */
  effectiveScopes: z.array(z.string()),
  /** While it lasts the key reads only, from these networks, at 60 requests a minute. */
  quarantine: z.strictObject({ at: timestamp, reason: z.string().nullable(), networks: z.array(z.string()) }).nullable(),
  ipAllow: z.array(z.string()),
  /** The key's own limits, beside those of its workspace and its plan; without any of them the default limit applies. */
  rateLimits: z.array(rateLimit),
  /** Of a key that was issued elsewhere; `upgradedAt` is when it was first used here. */
  imported: z.strictObject({ at: timestamp, upgradedAt: timestamp.nullable(), externalId: z.string().optional() }).nullable(),
})

/** A root key without its secret. */
export const rootKey = z.strictObject({
  ...common,
  mode: z.literal('root'),
  /** The scopes that it may give to API keys and roles; null: any. */
  grants: z.array(z.string()).nullable(),
})

export function toKey(row: keys.WorkspaceKeyRow): z.output<typeof key> {
  return {
    ...toCommon(row),
    mode: row.mode,
    ...(row.owner !== null && { owner: row.owner }),
    ...(row.stored_in !== null && { storedIn: row.stored_in }),
    workspaceId: row.workspace_id,
    environmentId: row.environment_id,
    roleId: row.role_id,
    effectiveScopes: keys.effectiveScopes(row),
    quarantine: row.quarantined_at && { at: row.quarantined_at.toISOString(), reason: row.quarantine_reason, networks: row.quarantine_networks ?? [] },
    ipAllow: row.ip_allow,
    rateLimits: row.rate_limits,
    imported: row.imported_at && importedOf(row, row.imported_at),
  }
}

export function toRootKey(row: keys.KeyRow): z.output<typeof rootKey> {
  return { ...toCommon(row), mode: 'root', grants: row.grants }
}

function importedOf({ upgraded_at: upgradedAt, external_id: externalId }: keys.WorkspaceKeyRow, at: Date) {
  return { at: at.toISOString(), upgradedAt: upgradedAt?.toISOString() ?? null, ...(externalId !== null && { externalId }) }
}

function toCommon(row: keys.KeyRow) {
  return {
    id: row.id,
    name: row.name,
    ...(row.purpose !== null && { purpose: row.purpose }),
    scopes: row.scopes,
    status: row.status,
    expiresAt: row.expires_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
    ...(row.revoked_reason !== null && { revokedReason: row.revoked_reason }),
    exposedAt: row.exposed_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    ...(row.created_by !== null && { createdBy: row.created_by }),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
