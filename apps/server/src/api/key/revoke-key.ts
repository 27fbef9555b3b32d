import { auditEvents, keys, revisions } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'

/** `POST /key/revoke`: a holder revokes his own key. When another call was faster, its time is answered. */
export const revokeKey: Handler<'key.revoke'> = async (tx, { principal, body, now, ip, requestId }) => {
  const { keyId: id, workspaceId } = principal
  const revoked = await keys.revokeKey(tx, workspaceId, { id, reason: body?.reason ?? null, now })
  if (!revoked) {
    const row = await keys.findKey(tx, workspaceId, id)
    if (!row?.revoked_at) return notFound
    return answer(row.revoked_at, await revisions.currentRevision(tx))
  }
  const revision = await revisions.raiseRevision(tx, [{ kind: 'key', id }], now)
  await auditEvents.appendAuditEvent(tx, workspaceId, {
    actor: id, action: 'key.revoke', target: id, before: { status: 'active' },
    after: { status: revoked.status, revokedReason: revoked.revoked_reason }, ip, requestId, revision, now,
  })
  return answer(now, revision)

  function answer(revokedAt: Date, at: number) {
    return { status: 200 as const, body: { id, revokedAt: revokedAt.toISOString(), revision: at } }
  }
}
