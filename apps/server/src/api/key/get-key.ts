import type { Handler } from '../../http/handler.ts'

/** `GET /key`: the key that makes this request, as the verifier saw it. */
export const getKey: Handler<'key.get'> = async (_db, { principal }) => ({
  status: 200,
  body: {
    id: principal.keyId,
    name: principal.name,
    mode: principal.mode,
    scopes: [...principal.scopes],
    workspaceId: principal.workspaceId,
    environmentId: principal.environmentId,
    expiresAt: principal.expiresAt?.toISOString() ?? null,
    limits: [...principal.rateLimits],
    createdAt: principal.createdAt.toISOString(),
  },
})
