import type { KeyId, WorkspaceId } from '@letterlock/contract'
import { keys, roles, type Tx } from '@letterlock/db'
import { failure } from '../../http/failure.ts'
import { refuse } from '../refuse.ts'

/**
 * Locks a key and, before it, the role that it has: what they open together changes nowhere else until the transaction
 * ends. Without the lock of the role it could get one half of a forbidden combination while the key gets the other.
 */
export async function lockKeyAndRole(tx: Tx, workspaceId: WorkspaceId, id: KeyId): Promise<keys.WorkspaceKeyRow | null> {
  const seen = await keys.findKey(tx, workspaceId, id)
  if (seen?.role_id) await roles.lockRoleForKeys(tx, workspaceId, seen.role_id)
  const key = await keys.lockKey(tx, workspaceId, id)
  if (key?.role_id && key.role_id !== seen?.role_id) refuse(anotherRole) // locking that one now could wait for who waits for the key
  return key
}

const anotherRole = failure('invalid_state', 'The key got another role at this moment. Send the change again.')
