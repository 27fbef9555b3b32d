import { idSchema, timestamp } from '@letterlock/contract'
import type { alerts } from '@letterlock/db'
import { z } from 'zod'

/** Something people should know of a workspace. */
export const alert = z.strictObject({
  id: idSchema('alert'),
  workspaceId: idSchema('workspace'),
  /** As events are named: `key.expiring`, `quota.threshold`. */
  kind: z.string(),
  /** The id of what it is about. */
  subject: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  at: timestamp,
  acknowledgedAt: timestamp.nullable(),
  acknowledgedBy: z.string().nullable(),
})

export function toAlert(row: alerts.AlertRow): z.output<typeof alert> {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    kind: row.kind,
    subject: row.subject,
    detail: row.detail,
    at: row.at.toISOString(),
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
    acknowledgedBy: row.acknowledged_by,
  }
}
