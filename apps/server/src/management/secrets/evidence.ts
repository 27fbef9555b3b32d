import { type Db, type keys, secretUses, secretVersions, type Tx } from '@letterlock/db'

const callersNamed = 20

/** What is known of the use of a secret version at the moment it retires. */
export async function gatherEvidence(
  db: Db | Tx, key: keys.KeyRow, { version, reason, now }: { version: number; reason: string | null; now: Date },
): Promise<secretVersions.RetirementEvidence> {
  const own = await secretVersions.findSecretVersion(db, key.id, version)
  const from = (await secretVersions.findSecretVersion(db, key.id, version + 1))?.created_at ?? now
  const used = { reason, lastUsedAt: own?.last_used_at?.toISOString() ?? null, lastUsedIp: own?.last_used_ip ?? null }
  if (key.environment_id === null) return { ...used, lastUserAgent: null, requests: null, callers: [] }
  const uses = await secretUses.splitUses(db, key.environment_id, { keyId: key.id, from, to: now, version, limit: callersNamed - 1 })
  const newer = [...uses.requestsOf].filter(([of]) => of > version).reduce((sum, [, requests]) => sum + requests, 0)
  return {
    ...used,
    lastUserAgent: uses.callers[0]?.userAgent ?? null,
    requests: { from: uses.from.toISOString(), isComplete: uses.from <= from, old: uses.requestsOf.get(version) ?? 0, newer },
    callers: uses.callers.map(({ ip, userAgent, requests, lastSeenAt }) => ({ ip, userAgent, requests, lastSeenAt: lastSeenAt.toISOString() })),
  }
}
