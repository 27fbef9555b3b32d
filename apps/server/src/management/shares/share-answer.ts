import { idSchema, timestamp } from '@letterlock/contract'
import type { secretShares } from '@letterlock/db'
import { z } from 'zod'
import { shareStatuses, statusOf } from '../../shares/share-status.ts'

/** A secret on its way to the owner of a key; the secret itself is nowhere in it. */
export const share = z.strictObject({
  id: idSchema('secretShare'),
  workspaceId: idSchema('workspace'),
  keyId: idSchema('key'),
  status: z.enum(shareStatuses),
  note: z.string().nullable(),
  createdBy: z.string(),
  createdAt: timestamp,
  expiresAt: timestamp,
  /** When and from where the link was opened. */
  opened: z.strictObject({ at: timestamp, ip: z.string() }).nullable(),
  revokedAt: timestamp.nullable(),
})

export function toShare(row: secretShares.SecretShareRow, now: Date): z.output<typeof share> {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    keyId: row.key_id,
    status: statusOf(row, now),
    note: row.note,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    opened: row.opened_at && { at: row.opened_at.toISOString(), ip: row.opened_ip ?? '' },
    revokedAt: row.revoked_at?.toISOString() ?? null,
  }
}
