/** The read of a verification as text, and how its rows are read. Digests are selected here and in keys.ts. */
import type { AccessTokenId, EnvironmentId, KeyId, PlanId, RoleId, WorkspaceId } from '@letterlock/contract'
import pg from 'pg'
import type { StoredRateLimit } from './keys.ts'

/** A key with all that is decided upon, and what proves it; only for verification. */
export interface KeyForVerification {
  id: KeyId
  name: string
  mode: 'live' | 'test' | 'root'
  /** `quarantined`: active, and what follows is what is left of it. */
  status: 'active' | 'disabled' | 'quarantined' | 'revoked'
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

/** A row for each secret of the `keys` row that belongs to each asked place, usually one a key. */
const select = `
select asked.place, (select revision from revisions),
  keys.id, keys.name, keys.mode,
  case when keys.status = 'active' and keys.quarantined_at is not null then 'quarantined' else keys.status end, keys.workspace_id, keys.environment_id, keys.role_id, workspaces.plan_id,
  workspaces.status, keys.scopes, (select scopes from roles where roles.id = keys.role_id), coalesce(keys.quarantine_networks, keys.ip_allow),
  keys.rate_limits, workspaces.rate_limits, (select rate_limits from plans where plans.id = workspaces.plan_id),
  keys.created_at, keys.expires_at, secret.version, secret.digest, secret.pepper_version, secret.retires_at,
  pg_is_in_recovery()`

const joins = `
left join workspaces on workspaces.id = keys.workspace_id
left join lateral (
  select version, digest, pepper_version, retires_at from key_secrets
  where key_secrets.key_id = keys.id order by version desc limit 20
) as secret on true`

/**
 * $1 are the asked ids. Whatever is asked, a key is fetched with all that belongs to it, so that the time does not tell
 * an unknown id: in its place comes the next key, which is no better known to the caches of the database, and behind the
 * last key the last one.
 */
export const keyStatement = {
  name: 'letterlock_keys',
  text: `${select}
from unnest($1::text[]) with ordinality as asked (id, place)
left join lateral (
  select * from keys where id >= least(asked.id, (select max(id) from keys)) order by id limit 1
) as keys on true${joins}`.trim(),
}

/**
 * The same for tokens of foreign formats, which name no key: $1 are the asked lookups, and in the place of an unknown one
 * comes the key of the next lookup. The lookup of the fetched key is the last column.
 */
export const foreignKeyStatement = {
  name: 'letterlock_foreign_keys',
  text: `${select}, found.lookup
from unnest($1::text[]) with ordinality as asked (lookup, place)
left join lateral (
  select key_id, lookup from key_secrets
  where lookup >= least(asked.lookup, (select max(lookup) from key_secrets where lookup is not null)) order by lookup limit 1
) as found on true
left join keys on keys.id = found.key_id${joins}`.trim(),
}

/**
 * The same for access tokens: $1 are the asked ids, and in the place of an unknown one comes the next token, with its key.
 * The secret is the token; it retires with that of the key. Its own columns are the last.
 */
export const accessTokenStatement = {
  name: 'letterlock_access_tokens',
  text: `
select asked.place, (select revision from revisions),
  keys.id, keys.name, keys.mode,
  case when keys.status = 'active' and keys.quarantined_at is not null then 'quarantined' else keys.status end, keys.workspace_id, keys.environment_id, keys.role_id, workspaces.plan_id,
  workspaces.status, keys.scopes, (select scopes from roles where roles.id = keys.role_id), coalesce(keys.quarantine_networks, keys.ip_allow),
  keys.rate_limits, workspaces.rate_limits, (select rate_limits from plans where plans.id = workspaces.plan_id),
  keys.created_at, keys.expires_at, secret.version, token.digest, token.pepper_version, secret.retires_at,
  pg_is_in_recovery(), null, token.id, token.scopes, token.expires_at, token.revoked_at
from unnest($1::text[]) with ordinality as asked (id, place)
left join lateral (
  select * from access_tokens where id >= least(asked.id, (select max(id) from access_tokens)) order by id limit 1
) as token on true
left join keys on keys.id = token.key_id
left join workspaces on workspaces.id = keys.workspace_id
left join key_secrets as secret on secret.key_id = token.key_id and secret.version = token.secret_version`.trim(),
}

/** What foreign tokens begin with, as text like the rest. */
export const importPrefixesStatement = { name: 'letterlock_import_prefixes', text: 'select prefix from import_prefixes' }

/**
 * Of the connections of `keyStatement`: it is planned once, and looks each id up by primary keys and in the same way,
 * whatever the planner believes about the size of a table.
 */
export const keySettings = [
  'plan_cache_mode=force_generic_plan', 'enable_seqscan=off', 'enable_sort=off',
  'enable_hashjoin=off', 'enable_mergejoin=off', 'enable_memoize=off', 'enable_material=off',
]

const parseTimestamp = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (text: string) => Date
const parseTextArray = pg.types.getTypeParser(1009 /* text[] */ as never) as (text: string) => string[]
const none: readonly never[] = []

/** What the store says of one asked id or lookup: the key is whichever was fetched, or null when there is none at all. */
export interface KeyRows {
  readonly revision: number
  readonly key: KeyForVerification | null
  /** By which it was fetched; null unless it was asked for by one. */
  readonly lookup: string | null
  /** Which was fetched; null unless it was asked for by one. The key is what it leaves of the key. */
  readonly accessTokenId: AccessTokenId | null
}

/** Reads the rows of `keyStatement`, `foreignKeyStatement` or `accessTokenStatement`, for each of the asked places in their order. */
export function decodeKeyRows(rows: readonly Row[], asked: number): KeyRows[] {
  const ofEach = Array.from({ length: asked }, (): Row[] => [])
  for (const row of rows) ofEach[Number(row[0]) - 1]?.push(row)
  return ofEach.map(decodeRowsOfKey)
}

function decodeRowsOfKey(rows: readonly Row[]): KeyRows {
  const [first] = rows
  if (!first || first[1] === null) throw new Error('The table "revisions" has lost its row. Restore it from a backup.')
  if (first[23] === 't') throw new Error('The database is a standby, which may not know yet that a key was revoked. Connect to the primary.')
  const key = first[2] === null ? null : decodeKey(first, rows)
  const accessTokenId = (first[25] ?? null) as AccessTokenId | null // a column of ids
  return { revision: Number(first[1]), key: key && accessTokenId ? narrowed(key, first) : key, lookup: first[24] ?? null, accessTokenId }
}

/** A key as far as its access token goes: no scope that either lacks, no longer than either lives. */
function narrowed(key: KeyForVerification, row: Row): KeyForVerification {
  const given = new Set(texts(row[26]))
  const ends = [key.expiresAt, time(row[27])].filter((end) => end !== null)
  return {
    ...key,
    status: typeof row[28] === 'string' ? 'revoked' : key.status,
    scopes: key.scopes.filter((scope) => given.has(scope)),
    expiresAt: new Date(Math.min(...ends.map((end) => end.getTime()))), // a token has an end
  }
}

/** What is left of a key in quarantine: it reads, slowly. The addresses are in the statement. */
function restricted(key: KeyForVerification): KeyForVerification {
  return { ...key, scopes: key.scopes.filter((scope) => scope.endsWith(':read')), rateLimits: [...key.rateLimits, quarantineLimit] }
}

const quarantineLimit: StoredRateLimit = { name: 'quarantine', limit: '60/1m' }

// Columns by their place in the statement; what the table's checks say is believed.
function decodeKey(row: Row, rows: readonly Row[]): KeyForVerification {
  const key: KeyForVerification = {
    id: row[2] as KeyId,
    name: row[3] as string,
    mode: row[4] as KeyForVerification['mode'],
    status: row[5] as KeyForVerification['status'],
    workspaceId: row[6] as WorkspaceId | null,
    environmentId: row[7] as EnvironmentId | null,
    roleId: row[8] as RoleId | null,
    planId: row[9] as PlanId | null,
    workspaceStatus: row[10] === 'suspended' ? 'suspended' : 'active',
    scopes: united(texts(row[11]), texts(row[12])),
    ipAllow: texts(row[13]),
    rateLimits: limits(row[14]),
    workspaceRateLimits: limits(row[15]),
    planRateLimits: limits(row[16]),
    createdAt: parseTimestamp(row[17] as string),
    expiresAt: time(row[18]),
    secrets: decodeSecrets(rows),
  }
  return key.status === 'quarantined' ? restricted(key) : key
}

function decodeSecrets(rows: readonly Row[]): KeyForVerification['secrets'] {
  if (rows[0]?.[19] === null) return none
  const secrets = rows.map((row) => ({
    version: Number(row[19]),
    digest: Buffer.from((row[20] as string).slice(2), 'hex'), // after \x
    pepperVersion: row[21] as string,
    retiresAt: time(row[22]),
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
