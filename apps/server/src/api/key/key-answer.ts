import type { AnswerOf } from '@letterlock/contract'
import type { Principal } from '../../http/principal.ts'

/** The key that makes a request as the wire shows it. */
export function keyAnswer(principal: Principal): AnswerOf<'key.get'>['body'] {
  return {
    id: principal.keyId,
    name: principal.name,
    mode: principal.mode,
    scopes: [...principal.scopes],
    workspaceId: principal.workspaceId,
    environmentId: principal.environmentId,
    expiresAt: principal.expiresAt?.toISOString() ?? null,
    limits: [...principal.rateLimits],
    createdAt: principal.createdAt.toISOString(),
  }
}
