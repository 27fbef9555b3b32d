import { idSchema } from '@letterlock/contract'
import { policies, workspaces } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { policyAnswer } from './policy-answer.ts'
import { defaultWarnBefore, stricterOf } from './policy-rules.ts'

const output = z.strictObject({
  /** What was set for the whole installation. */
  installation: policyAnswer,
  /** What was set for the workspace; null when none was asked for. */
  workspace: policyAnswer.nullable(),
  /** What holds: the stricter of each rule. */
  effective: policyAnswer,
})

/** The policies of the installation and of a workspace, and what both ask for together. */
export function getPolicy({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('policies:read')
    .input(z.strictObject({ workspaceId: idSchema('workspace').optional() }).prefault({}))
    .output(output)
    .query(async ({ input: { workspaceId = null } }) => {
      if (workspaceId && !(await workspaces.findWorkspace(db, workspaceId))) refuse(noSuchWorkspace)
      const { installation, workspace } = await policies.findPolicies(db, workspaceId)
      const effective = policyAnswer.parse({ warnBefore: defaultWarnBefore, ...stricterOf(installation, workspace) })
      return { installation: policyAnswer.parse(installation), workspace: workspaceId && policyAnswer.parse(workspace), effective }
    })
}
