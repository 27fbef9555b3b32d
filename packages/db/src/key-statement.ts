/** The read of a verification as text, and how its rows are read. Digests are selected here and in keys.ts. */
import type { EnvironmentId, KeyId, PlanId, RoleId, WorkspaceId } from '@letterlock/contract'
import pg from 'pg'
import type { StoredRateLimit } from './keys.ts'

/** A key with all that is decided upon, and what proves it; only for verification. */
export interface KeyForVerification {
  id: KeyId
  name: string
  mode: 'live' | 'test' | 'root'
  status: 'active' | 'disabled' | 'revoked'
  workspaceId: WorkspaceId | null
  environmentId: EnvironmentId | null
  roleId: RoleId | null
  planId: PlanId | null
  /** `active` for a root key. */
  workspaceStatus: 'active' | 'suspended'
  /** Its own and those of its role, each once. */
  scopes: readonly string[]
  ipAllow: readonly string[]
  /** Its own; those of its workspace and of the workspace's plan follow. */
  rateLimits: readonly StoredRateLimit[]
  workspaceRateLimits: readonly StoredRateLimit[]
  planRateLimits: readonly StoredRateLimit[]
  createdAt: Date
  expiresAt: Date | null
  /** Newest first, the newest 20. */
  secrets: readonly { version: number; digest: Uint8Array; pepperVersion: string; retiresAt: Date | null }[]
}

/** A row as the server sends it: text. */
export type Row = readonly (string | null)[]

/**
 * $1 is the asked id, $2 a stand-in. Asked or stand-in: both cases look the asked id up and then fetch a key with all
 * that belongs to it, so that the time does not tell an unknown id. A row for each secret, usually one. What belongs to
 * a key is looked up by subqueries, since of a plain join with a small table the planner may make a scan of it.
 */
export const keyStatement = {
  name: 'letterlock_key',
  text: `
select revisions.revision,
  keys.id, keys.name, keys.mode, keys.status, keys.workspace_id, keys.environment_id, keys.role_id, workspace.plan_id,
  workspace.status, keys.scopes, (select scopes from roles where roles.id = keys.role_id), keys.ip_allow,
  keys.rate_limits, workspace.rate_limits, (select rate_limits from plans where plans.id = workspace.plan_id),
  keys.created_at, keys.expires_at, secret.version, secret.digest, secret.pepper_version, secret.retires_at
from revisions
left join keys on keys.id = coalesce((select asked.id from keys as asked where asked.id = $1::text), $2::text)
left join lateral (
  select status, plan_id, rate_limits from workspaces where workspaces.id = keys.workspace_id limit 1
) as workspace on true
left join lateral (
  select version, digest, pepper_version, retires_at from key_secrets
  where key_secrets.key_id = keys.id order by version desc limit 20
) as secret on true`.trim(),
}

/** A key that costs what most cost: one of a workspace when there is any. */
export const standInStatement = {
  name: 'letterlock_stand_in',
  text: `
select coalesce(
  (select id from keys where workspace_id is not null order by id limit 1),
  (select id from keys order by id limit 1)
) as id`.trim(),
}

const parseTimestamp = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (text: string) => Date
const parseTextArray = pg.types.getTypeParser(1009 /* text[] */ as never) as (text: string) => string[]
const none: readonly never[] = []

/** Reads the rows of `keyStatement`; the key is whichever was fetched, or null when there is none at all. */
export function decodeKeyRows(rows: readonly Row[]): { revision: number; key: KeyForVerification | null } {
  const [first] = rows
  if (!first) throw new Error('The table "revisions" has lost its row. Restore it from a backup.')
  const revision = Number(first[0])
  return { revision, key: first[1] === null ? null : decodeKey(first, rows) }
}

// Columns by their place in the statement; what the table's checks say is believed.
function decodeKey(row: Row, rows: readonly Row[]): KeyForVerification {
  return {
    id: row[1] as KeyId,
    name: row[2] as string,
    mode: row[3] as KeyForVerification['mode'],
    status: row[4] as KeyForVerification['status'],
    workspaceId: row[5] as WorkspaceId | null,
    environmentId: row[6] as EnvironmentId | null,
    roleId: row[7] as RoleId | null,
    planId: row[8] as PlanId | null,
    workspaceStatus: row[9] === 'suspended' ? 'suspended' : 'active',
    scopes: united(texts(row[10]), texts(row[11])),
    ipAllow: texts(row[12]),
    rateLimits: limits(row[13]),
    workspaceRateLimits: limits(row[14]),
    planRateLimits: limits(row[15]),
    createdAt: parseTimestamp(row[16] as string),
    expiresAt: time(row[17]),
    secrets: decodeSecrets(rows),
  }
}

function decodeSecrets(rows: readonly Row[]): KeyForVerification['secrets'] {
  if (rows[0]?.[18] === null) return none
  const secrets = rows.map((row) => ({
    version: Number(row[18]),
    digest: Buffer.from((row[19] as string).slice(2), 'hex'), // after \x
    pepperVersion: row[20] as string,
    retiresAt: time(row[21]),
  }))
  return secrets.length === 1 ? secrets : secrets.toSorted((one, other) => other.version - one.version)
}

function united(own: readonly string[], ofRole: readonly string[]): readonly string[] {
  return ofRole.length === 0 ? own : [...new Set([...own, ...ofRole])]
}

// the plain case by hand: pg's parser goes letter by letter
function texts(value: string | null = null): readonly string[] {
  if (value === null || value === '{}') return none
  return /["\\]|NULL/.test(value) ? parseTextArray(value) : value.slice(1, -1).split(',')
}

function limits(value: string | null = null): readonly StoredRateLimit[] {
  return value === null || value === '[]' ? none : (JSON.parse(value) as StoredRateLimit[])
}

function time(value: string | null = null): Date | null {
  return value === null ? null : parseTimestamp(value)
}
