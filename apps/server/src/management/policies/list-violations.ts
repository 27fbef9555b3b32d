import { idSchema } from '@letterlock/contract'
import { keyLists, type keys, policies, secretVersions, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { toPage } from '../../http/cursor.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { beforeOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { rotationDueAt, stricterOf, violationsOf } from './policy-rules.ts'
import { toRuledKey } from './refuse-violations.ts'

const violation = z.strictObject({
  keyId: idSchema('key'),
  name: z.string(),
  rules: z.array(z.strictObject({ rule: z.string(), message: z.string() })),
})

/** The keys of a workspace that break what holds for it, newest first. `limit` counts the keys looked at: a page may be empty. */
export function listViolations({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('policies:read')
    .input(z.strictObject({ ...pageInput, workspaceId: idSchema('workspace') }))
    .output(pageOutput(violation))
    .query(async ({ input: { workspaceId, limit, cursor } }) => {
      const before = beforeOf(cursor)
      if (!(await workspaces.findWorkspace(db, workspaceId))) refuse(noSuchWorkspace)
      const { installation, workspace } = await policies.findPolicies(db, workspaceId)
      const rules = stricterOf(installation, workspace)
      const { rows } = await keyLists.listKeys(db, workspaceId, { limit, before, now: clock() })
      const secretOf = await secretVersions.findNewest(db, rules.rotateEvery === undefined ? [] : rows.map(({ id }) => id))
      const now = clock()
      const page = toPage(rows, limit, {
        idOf: (row) => row.id,
        answer: (row) => ({
          keyId: row.id,
          name: row.name,
          rules: [
            ...violationsOf(rules, toRuledKey(row), now).map(({ rule, message }) => ({ rule, message })),
            ...overdueIn(rules, row, { secret: secretOf.get(row.id), now }),
          ],
        }),
      })
      return { ...page, data: page.data.filter(({ rules: broken }) => broken.length > 0) }
    })
}

/** What is overdue, which no change of a field can break or mend. An expired key opens nothing. */
function overdueIn(
  rules: policies.PolicyRules, row: keys.WorkspaceKeyRow, { secret, now }: { secret: secretVersions.NewestSecret | undefined; now: Date },
): { rule: string; message: string }[] {
  const dueAt = secret && rotationDueAt(rules, secret.createdAt)
  if (!dueAt || dueAt > now || row.status === 'revoked' || (row.expires_at && row.expires_at <= now)) return []
  return [{ rule: 'rotateEvery', message: `the policy rotateEvery asks for a rotation every ${rules.rotateEvery}; it was due at ${dueAt.toISOString()}` }]
}
