import type { WorkspaceId } from '@letterlock/contract'
import { type Tx, workspaces } from '@letterlock/db'
import { noSuchWorkspace } from '../not-found.ts'
import { refuse } from '../refuse.ts'
import { readWorkspaceAnswer } from './workspace-answer.ts'

/** Suspends or resumes a workspace; of calls at once, one changes it. */
export async function setWorkspaceStatus(
  tx: Tx,
  workspaceId: WorkspaceId,
  wanted: { readonly status: workspaces.WorkspaceStatus; readonly action: string; readonly reason?: string | null; readonly now: Date },
) {
  const { status, action, reason, now } = wanted
  const current = (await workspaces.lockWorkspace(tx, workspaceId)) ?? refuse(noSuchWorkspace)
  const isChanged = await workspaces.setWorkspaceStatus(tx, workspaceId, { status, now })
  const result = await readWorkspaceAnswer(tx, current)
  if (!isChanged) return { result, changes: null }
  return {
    result,
    changes: [{ kind: 'workspace', id: workspaceId }] as const,
    audit: { chain: workspaceId, action, target: workspaceId, before: { status: current.status }, after: { status, reason } },
  }
}
