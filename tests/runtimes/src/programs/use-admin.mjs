// The client of the management API: a mutation, and a list that is walked.
import { createAdmin } from '@letterlock/admin'

/** @param {import('./server.mjs').Server} server */
export async function use({ managementUrl, rootKey }) {
  const admin = createAdmin({ url: managementUrl, rootKey })
  const { workspace } = await admin.workspaces.create({ name: 'Acme' })
  const workspaceId = workspace.id
  await admin.keys.create({ workspaceId, mode: 'live', name: 'CRM', scopes: ['contacts:read'], expiresIn: '90d' })
  const names = []
  for await (const { name } of admin.pages(admin.keys.list, { workspaceId })) names.push(name)
  return { names }
}
