import { type EnvironmentId, idSchema, type WorkspaceId } from '@letterlock/contract'
import { type Db, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { noSuchWorkspace } from '../not-found.ts'
import { refuse } from '../refuse.ts'

/** Whose usage is asked for: a workspace's environment, that of live keys unless asked otherwise. */
export const usageScope = { workspaceId: idSchema('workspace'), mode: z.enum(['live', 'test']).default('live') }

/** The environment that is asked for; refuses a workspace that is not there. */
export async function environmentOf(db: Db, { workspaceId, mode }: { workspaceId: WorkspaceId; mode: 'live' | 'test' }): Promise<EnvironmentId> {
  const workspace = (await workspaces.findWorkspace(db, workspaceId)) ?? refuse(noSuchWorkspace)
  return mode === 'live' ? workspace.live_environment_id : workspace.test_environment_id
}
