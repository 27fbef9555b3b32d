import type { ManagementDeps } from './context.ts'
import { createKey } from './keys/create-key.ts'
import { getKey } from './keys/get-key.ts'
import { listKeys } from './keys/list-keys.ts'
import { revokeKey } from './keys/revoke-key.ts'
import { router } from './procedure.ts'
import { createRootKey } from './root-keys/create-root-key.ts'
import { listRootKeys } from './root-keys/list-root-keys.ts'
import { revokeRootKey } from './root-keys/revoke-root-key.ts'
import { listScopes } from './scopes/list-scopes.ts'
import { createWorkspace } from './workspaces/create-workspace.ts'
import { getWorkspace } from './workspaces/get-workspace.ts'
import { listWorkspaces } from './workspaces/list-workspaces.ts'

/** Every procedure of the management API by its name on the wire. */
export function createManagementRouter(deps: ManagementDeps) {
  return router({
    keys: router({ create: createKey(deps), get: getKey(deps), list: listKeys(deps), revoke: revokeKey(deps) }),
    rootKeys: router({ create: createRootKey(deps), list: listRootKeys(deps), revoke: revokeRootKey(deps) }),
    scopes: router({ list: listScopes() }),
    workspaces: router({ create: createWorkspace(deps), get: getWorkspace(deps), list: listWorkspaces(deps) }),
  })
}
