import { alerts, keys, keyTraffic, type Tx } from '@letterlock/db'
import { networkOf } from '../advice/advise.ts'

/** Networks that a key was used from so long ago are known: whoever has found it came later. */
const knownAfterMs = 86_400_000
const lookBackMs = 30 * 86_400_000
const callersAtMost = 2_000
const networksAtMost = 100
/** What nobody comes from. */
const nobody = '0.0.0.0/32'

interface Quarantined {
  readonly row: keys.WorkspaceKeyRow
  readonly changes: readonly [{ readonly kind: 'key'; readonly id: keys.KeyRow['id'] }]
  readonly after: { readonly quarantine: { readonly reason: string | null; readonly networks: string[] } }
}

/**
 * Leaves a locked key that is not revoked the right to read, from its list of addresses or else from the networks that it
 * was known from, and tells the workspace. `changes` is null when it is in quarantine already.
 */
export async function putIntoQuarantine(
  tx: Tx, key: keys.WorkspaceKeyRow, { reason, now }: { readonly reason: string | null; readonly now: Date },
): Promise<Quarantined | { readonly row: keys.WorkspaceKeyRow; readonly changes: null }> {
  const networks = key.ip_allow.length > 0 ? key.ip_allow : await knownNetworks(tx, key, now)
  const row = await keys.quarantineKey(tx, key.workspace_id, { id: key.id, networks, reason, now })
  if (!row) return { row: key, changes: null }
  const detail = { name: key.name, reason, networks: networks.join(', ').slice(0, 1_000) }
  await alerts.raiseAlert(tx, key.workspace_id, { kind: 'key.quarantined', subject: key.id, occasion: now.toISOString(), detail, now })
  return { row, changes: [{ kind: 'key', id: key.id }], after: { quarantine: { reason, networks } } }
}

async function knownNetworks(tx: Tx, { id: keyId, environment_id: environmentId }: keys.WorkspaceKeyRow, now: Date): Promise<string[]> {
  const to = new Date(now.getTime() - knownAfterMs)
  const from = new Date(now.getTime() - lookBackMs)
  const callers = await keyTraffic.listCallers(tx, environmentId, { keyId, from, to, limit: callersAtMost })
  const networks = new Set(callers.flatMap(({ ip }) => networkOf(ip) ?? []))
  return networks.size === 0 ? [nobody] : [...networks].slice(0, networksAtMost)
}
