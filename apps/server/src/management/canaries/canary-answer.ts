import { idSchema, timestamp } from '@letterlock/contract'
import type { canaries } from '@letterlock/db'
import { z } from 'zod'

/** A key that opens nothing, and who has tried it. */
export const canary = z.strictObject({
  /** As that of a key. */
  id: idSchema('key'),
  workspaceId: idSchema('workspace'),
  name: z.string(),
  /** Where it was left. */
  place: z.string().nullable(),
  createdBy: z.string(),
  createdAt: timestamp,
  revokedAt: timestamp.nullable(),
  uses: z.number().int(),
  firstUsedAt: timestamp.nullable(),
  lastUse: z.strictObject({ at: timestamp, ip: z.string().nullable(), userAgent: z.string().nullable() }).nullable(),
})

export function toCanary(row: canaries.CanaryRow): z.output<typeof canary> {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    name: row.name,
    place: row.place,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    revokedAt: row.revoked_at?.toISOString() ?? null,
    uses: row.uses,
    firstUsedAt: row.first_used_at?.toISOString() ?? null,
    lastUse: row.last_used_at && { at: row.last_used_at.toISOString(), ip: row.last_used_ip, userAgent: row.last_user_agent },
  }
}
