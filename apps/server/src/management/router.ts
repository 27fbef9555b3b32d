import { acceptAdvice } from './advice/accept-advice.ts'
import { leastPrivilege } from './advice/least-privilege.ts'
import { undoAdvice } from './advice/undo-advice.ts'
import { acknowledgeAlert } from './alerts/acknowledge-alert.ts'
import { listAlerts } from './alerts/list-alerts.ts'
import { listAuditEvents } from './audit/list-audit-events.ts'
import { verifyAudit } from './audit/verify-audit.ts'
import type { ManagementDeps } from './context.ts'
import { createCanary } from './canaries/create-canary.ts'
import { listCanaries } from './canaries/list-canaries.ts'
import { revokeCanary } from './canaries/revoke-canary.ts'
import { createKey } from './keys/create-key.ts'
import { disableKey } from './keys/disable-key.ts'
import { enableKey } from './keys/enable-key.ts'
import { getKey } from './keys/get-key.ts'
import { importKeys } from './keys/import-keys.ts'
import { listDependents } from './keys/list-dependents.ts'
import { listKeys } from './keys/list-keys.ts'
import { quarantineKey } from './keys/quarantine-key.ts'
import { releaseKey } from './keys/release-key.ts'
import { retireKeySecret } from './keys/retire-key-secret.ts'
import { revokeKey } from './keys/revoke-key.ts'
import { revokeKeys } from './keys/revoke-keys.ts'
import { rotateKey } from './keys/rotate-key.ts'
import { showDrain } from './keys/show-drain.ts'
import { updateKey } from './keys/update-key.ts'
import { verifyKey } from './keys/verify-key.ts'
import { showBlastRadius } from './leaks/blast-radius.ts'
import { listLeaks } from './leaks/list-leaks.ts'
import { assignPlan } from './plans/assign-plan.ts'
import { createPlan } from './plans/create-plan.ts'
import { listPlans } from './plans/list-plans.ts'
import { updatePlan } from './plans/update-plan.ts'
import { getPolicy } from './policies/get-policy.ts'
import { listViolations } from './policies/list-violations.ts'
import { setPolicy } from './policies/set-policy.ts'
import { whatIf } from './policies/what-if/what-if.ts'
import { router } from './procedure.ts'
import { createRole } from './roles/create-role.ts'
import { deleteRole } from './roles/delete-role.ts'
import { listRoles } from './roles/list-roles.ts'
import { updateRole } from './roles/update-role.ts'
import { createRootKey } from './root-keys/create-root-key.ts'
import { getRootKey } from './root-keys/get-root-key.ts'
import { listRootKeys } from './root-keys/list-root-keys.ts'
import { retireRootKeySecret } from './root-keys/retire-root-key-secret.ts'
import { revokeRootKey } from './root-keys/revoke-root-key.ts'
import { rotateRootKey } from './root-keys/rotate-root-key.ts'
import { listScopes } from './scopes/list-scopes.ts'
import { createShare } from './shares/create-share.ts'
import { listShares } from './shares/list-shares.ts'
import { revokeShare } from './shares/revoke-share.ts'
import { currentStatements } from './statements/current-statements.ts'
import { getStatement } from './statements/get-statement.ts'
import { listStatements } from './statements/list-statements.ts'
import { verifyStatement } from './statements/verify-statement.ts'
import { getRetention } from './usage/get-retention.ts'
import { listAttempts } from './usage/list-attempts.ts'
import { readTimeseries } from './usage/read-timeseries.ts'
import { searchRequests } from './usage/search-requests.ts'
import { setRetention } from './usage/set-retention.ts'
import { summarizeUsage } from './usage/summarize-usage.ts'
import { createWorkspace } from './workspaces/create-workspace.ts'
import { getWorkspace } from './workspaces/get-workspace.ts'
import { listWorkspaces } from './workspaces/list-workspaces.ts'
import { resumeWorkspace } from './workspaces/resume-workspace.ts'
import { suspendWorkspace } from './workspaces/suspend-workspace.ts'
import { updateWorkspace } from './workspaces/update-workspace.ts'

/** Every procedure of the management API by its name on the wire. */
export function createManagementRouter(deps: ManagementDeps) {
  return router({
    advice: router({ accept: acceptAdvice(deps), leastPrivilege: leastPrivilege(deps), undo: undoAdvice(deps) }),
    alerts: router({ acknowledge: acknowledgeAlert(deps), list: listAlerts(deps) }),
    audit: router({ list: listAuditEvents(deps), verify: verifyAudit(deps) }),
    canaries: router({ create: createCanary(deps), list: listCanaries(deps), revoke: revokeCanary(deps) }),
    keys: router({
      create: createKey(deps),
      dependents: listDependents(deps),
      disable: disableKey(deps),
      drain: showDrain(deps),
      enable: enableKey(deps),
      get: getKey(deps),
      import: importKeys(deps),
      list: listKeys(deps),
      quarantine: quarantineKey(deps),
      release: releaseKey(deps),
      retireSecret: retireKeySecret(deps),
      revoke: revokeKey(deps),
      revokeMany: revokeKeys(deps),
      rotate: rotateKey(deps),
      update: updateKey(deps),
      verify: verifyKey(deps),
    }),
    leaks: router({ blastRadius: showBlastRadius(deps), list: listLeaks(deps) }),
    plans: router({ assign: assignPlan(deps), create: createPlan(deps), list: listPlans(deps), update: updatePlan(deps) }),
    policies: router({ get: getPolicy(deps), set: setPolicy(deps), violations: listViolations(deps), whatIf: whatIf(deps) }),
    roles: router({ create: createRole(deps), delete: deleteRole(deps), list: listRoles(deps), update: updateRole(deps) }),
    rootKeys: router({
      create: createRootKey(deps),
      list: listRootKeys(deps),
      retireSecret: retireRootKeySecret(deps),
      revoke: revokeRootKey(deps),
      rotate: rotateRootKey(deps),
      get: getRootKey(deps),
    }),
    scopes: router({ list: listScopes() }),
    shares: router({ create: createShare(deps), list: listShares(deps), revoke: revokeShare(deps) }),
    statements: router({ current: currentStatements(deps), get: getStatement(deps), list: listStatements(deps), verify: verifyStatement(deps) }),
    usage: router({
      attempts: listAttempts(deps),
      getRetention: getRetention(deps),
      requests: searchRequests(deps),
      setRetention: setRetention(deps),
      summary: summarizeUsage(deps),
      timeseries: readTimeseries(deps),
    }),
    workspaces: router({
      create: createWorkspace(deps),
      get: getWorkspace(deps),
      list: listWorkspaces(deps),
      resume: resumeWorkspace(deps),
      suspend: suspendWorkspace(deps),
      update: updateWorkspace(deps),
    }),
  })
}
