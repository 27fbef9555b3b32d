import type { KeyId } from '@letterlock/contract'
import { keys, type Tx } from '@letterlock/db'
import type { Changed, Unchanged } from '../change-control-plane.ts'
import type { RootPrincipal } from '../context.ts'
import { noSuchKey } from '../not-found.ts'
import { refuseGrantsBeyond } from '../refuse-grants-beyond.ts'
import { refuse } from '../refuse.ts'
import { refuseExpired, refuseRevoked, revoked } from './key-states.ts'

/** Disables or enables a key that is not revoked, and enables none that has expired or may do what the caller may not grant. */
export async function setKeyStatus(
  tx: Tx,
  { keyId, principal }: { readonly keyId: KeyId; readonly principal: RootPrincipal },
  wanted: { readonly status: 'active' | 'disabled'; readonly action: string; readonly reason?: string | null; readonly now: Date },
): Promise<Changed<keys.WorkspaceKeyRow> | Unchanged<keys.WorkspaceKeyRow>> {
  const { status, action, reason, now } = wanted
  const workspaceId = (await keys.findWorkspaceOfKey(tx, keyId)) ?? refuse(noSuchKey)
  const current = (await keys.lockKey(tx, workspaceId, keyId)) ?? refuse(noSuchKey)
  refuseRevoked(current)
  if (status === 'active') refuseExpired(current, now)
  if (current.status === status) return { result: current, changes: null }
  if (status === 'active') await refuseGrantsBeyond(tx, principal, keys.effectiveScopes(current))
  const row = await keys.updateKey(tx, workspaceId, { id: keyId, change: { status }, now })
  return {
    result: row ?? refuse(revoked),
    changes: [{ kind: 'key', id: keyId }],
    audit: { chain: workspaceId, action, target: keyId, before: { status: current.status }, after: { status, reason } },
  }
}
