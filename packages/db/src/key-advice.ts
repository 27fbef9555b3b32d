/** What advice took from a key, kept for as long as it can be given back. */
import type { KeyId, RoleId, WorkspaceId } from '@letterlock/contract'
import type { Tx } from './connect.ts'
import type { StoredRateLimit } from './keys.ts'

/** What a key may do, as far as advice changes it. */
export type KeyRights = {
  readonly scopes: string[]
  readonly roleId: RoleId | null
  readonly ipAllow: string[]
  readonly rateLimits: StoredRateLimit[]
}

export interface AcceptedAdvice {
  readonly before: KeyRights
  readonly after: KeyRights
}

/** Notes what a locked key could do before; what was noted earlier is forgotten. */
export async function noteAdvice(
  tx: Tx, workspaceId: WorkspaceId, { keyId, before, after, by, now }: AcceptedAdvice & { readonly keyId: KeyId; readonly by: string; readonly now: Date },
): Promise<void> {
  const noted = { workspace_id: workspaceId, before: JSON.stringify(before), after: JSON.stringify(after), accepted_by: by, accepted_at: now }
  await tx.insertInto('key_advice').values({ key_id: keyId, ...noted }).onConflict((conflict) => conflict.column('key_id').doUpdateSet(noted)).execute()
}

/** What was noted last of a locked key; it is forgotten with that. */
export async function takeAdvice(tx: Tx, workspaceId: WorkspaceId, keyId: KeyId): Promise<AcceptedAdvice | null> {
  const row = await tx
    .deleteFrom('key_advice')
    .where('workspace_id', '=', workspaceId)
    .where('key_id', '=', keyId)
    .returning(['before', 'after'])
    .$castTo<AcceptedAdvice>() // as noteAdvice() wrote them
    .executeTakeFirst()
  return row ?? null
}
