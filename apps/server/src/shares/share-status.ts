import type { secretShares } from '@letterlock/db'

/** How far a share can have come. */
export const shareStatuses = ['waiting', 'opened', 'revoked', 'expired'] as const

export type ShareStatus = (typeof shareStatuses)[number]

export function statusOf(row: Pick<secretShares.SecretShareRow, 'opened_at' | 'revoked_at' | 'expires_at'>, now: Date): ShareStatus {
  if (row.opened_at) return 'opened'
  if (row.revoked_at) return 'revoked'
  return row.expires_at > now ? 'waiting' : 'expired'
}
