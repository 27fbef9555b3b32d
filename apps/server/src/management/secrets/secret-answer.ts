import { timestamp } from '@letterlock/contract'
import type { secretVersions } from '@letterlock/db'
import { z } from 'zod'

const evidence = z.strictObject({
  reason: z.string().nullable(),
  lastUsedAt: timestamp.nullable(),
  lastUsedIp: z.string().nullable(),
  lastUserAgent: z.string().nullable(),
  /** Requests of the key with this version and with newer ones; null for root keys, whose requests are not recorded. */
  requests: z.strictObject({ from: timestamp, isComplete: z.boolean(), old: z.number().int(), newer: z.number().int() }).nullable(),
  callers: z.array(z.strictObject({
    ip: z.string().nullable(), userAgent: z.string().nullable(), requests: z.number().int(), lastSeenAt: timestamp,
  }).meta({ title: 'LastCaller' })),
}).meta({ title: 'RetirementEvidence' })

/** Versions of a key that are shown at most, the newest. */
export const versionsShown = 100

/** A secret version without its secret. */
export const secretVersion = z.strictObject({
  version: z.number().int(),
  isLive: z.boolean(),
  createdAt: timestamp,
  /** The latest end; null for the newest version, which has none. */
  retiresAt: timestamp.nullable(),
  /** It ends earlier when nobody has used it for so long. */
  untilSilentForMs: z.number().int().nullable(),
  lastUsedAt: timestamp.nullable(),
  lastUsedIp: z.string().nullable(),
  /** How it ended; null while it lives, and for up to a minute after an end by the clock. */
  retirement: z
    .strictObject({
      retiredAt: timestamp,
      cause: z.enum(['overlap_ended', 'at_most_reached', 'silent', 'retired_by_call']),
      evidence,
    })
    .nullable(),
})

export function toSecretVersion(row: secretVersions.SecretVersionRow, now: Date): z.output<typeof secretVersion> {
  return {
    version: row.version,
    isLive: isLive(row, now),
    createdAt: row.created_at.toISOString(),
    retiresAt: row.retires_at?.toISOString() ?? null,
    untilSilentForMs: row.silent_for_ms,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    lastUsedIp: row.last_used_ip,
    retirement: row.retired_at && row.retired_cause && row.evidence && {
      retiredAt: row.retired_at.toISOString(),
      cause: row.retired_cause,
      evidence: { ...row.evidence, callers: [...row.evidence.callers] },
    },
  }
}

/** As the verifier sees it: a moment of retirement is already over. */
export function isLive({ retires_at: end }: Pick<secretVersions.SecretVersionRow, 'retires_at'>, now: Date): boolean {
  return end === null || end > now
}
