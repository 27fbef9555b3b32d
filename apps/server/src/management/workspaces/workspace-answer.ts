import { idSchema, timestamp } from '@letterlock/contract'
import type { workspaces } from '@letterlock/db'
import { z } from 'zod'

const environment = <M extends 'live' | 'test'>(mode: M) => z.strictObject({ id: idSchema('environment'), mode: z.literal(mode) })

export const workspace = z.strictObject({
  id: idSchema('workspace'),
  name: z.string(),
  status: z.enum(['active', 'suspended']),
  createdAt: timestamp,
  updatedAt: timestamp,
})

/** A workspace beside its environments. */
export const workspaceAnswer = {
  workspace,
  environments: z.strictObject({ live: environment('live'), test: environment('test') }),
}

export function toWorkspace(row: workspaces.WorkspaceRow): z.output<typeof workspace> {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

export function toWorkspaceAnswer(row: workspaces.WorkspaceRow) {
  return {
    workspace: toWorkspace(row),
    environments: {
      live: { id: row.live_environment_id, mode: 'live' as const },
      test: { id: row.test_environment_id, mode: 'test' as const },
    },
  }
}
