/** What an environment used in a span of time, in one answer. */
import type { EnvironmentId, KeyId, WorkspaceId } from '@letterlock/contract'
import type { Tx } from './connect.ts'
import { type MeterUsage, readUsage, type UsagePoint } from './usage.ts'
import { countDropped } from './usage-requests.ts'
import { type RequestSum, sumRequests } from './usage-series.ts'

export interface UsageSummary {
  readonly meters: readonly MeterUsage[]
  /** What the meters took by day. */
  readonly series: readonly UsagePoint[]
  /** All requests, most first. */
  readonly outcomes: readonly RequestSum[]
  readonly keys: readonly (RequestSum & { readonly keyName: string | null })[]
  readonly operations: readonly RequestSum[]
  /** See `countDropped()`. */
  readonly dropped: number
}

export interface SummaryAsk {
  readonly environmentId: EnvironmentId
  readonly from: Date
  /** Before this time. */
  readonly to: Date
  readonly now: Date
  /** How many keys and operations are named at most: those with the most requests. */
  readonly top: number
}

/** Read it from one snapshot, so that its parts add up. */
export async function readSummary(tx: Tx, workspaceId: WorkspaceId, { environmentId, from, to, now, top }: SummaryAsk): Promise<UsageSummary> {
  const { meters, series } = await readUsage(tx, environmentId, { from, to, now })
  const outcomes = await sumRequests(tx, environmentId, { from, to, by: 'outcome', most: 100 })
  const keys = await sumRequests(tx, environmentId, { from, to, by: 'key', most: top })
  const operations = await sumRequests(tx, environmentId, { from, to, by: 'operation', most: top })
  const names = await keyNames(tx, workspaceId, keys.map(({ name }) => name as KeyId)) // as they were written
  const named = keys.map((key) => ({ ...key, keyName: names.get(key.name) ?? null }))
  return { meters, series, outcomes, keys: named, operations, dropped: await countDropped(tx, environmentId, { from, to }) }
}

async function keyNames(tx: Tx, workspaceId: WorkspaceId, ids: readonly KeyId[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.selectFrom('keys').select(['id', 'name']).where('workspace_id', '=', workspaceId).where('id', 'in', ids).execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
