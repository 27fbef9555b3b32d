import type { WorkspaceId } from '@letterlock/contract'
import { auditEvents, type Db, workspaces } from '@letterlock/db'
import { noSuchWorkspace } from '../not-found.ts'
import { refuse } from '../refuse.ts'

/** The chain of a workspace, or that of the installation; refuses a workspace that is not there. */
export async function chainOf(db: Db, workspaceId: WorkspaceId | null): Promise<auditEvents.Chain> {
  if (workspaceId === null) return auditEvents.installationChain
  return (await workspaces.findWorkspace(db, workspaceId))?.id ?? refuse(noSuchWorkspace)
}
