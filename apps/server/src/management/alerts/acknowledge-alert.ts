import { idSchema } from '@letterlock/contract'
import { alerts } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchAlert } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { alert, toAlert } from './alert-answer.ts'

/** Notes that somebody has seen an alert. One that was acknowledged before stays as it is, and so does the revision. */
export function acknowledgeAlert(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('alerts:write')
    .input(z.strictObject({ alertId: idSchema('alert') }))
    .output(z.strictObject({ alert, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { alertId: id } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const current = (await alerts.lockAlert(tx, id)) ?? refuse(noSuchAlert)
        if (current.acknowledged_at) return { result: current, changes: null }
        const row = await alerts.acknowledgeAlert(tx, current.workspace_id, { id, by: ctx.principal.keyId, now })
        return {
          result: row,
          changes: [{ kind: 'record', id }],
          audit: { chain: row.workspace_id, action: 'alerts.acknowledge', target: id, before: null, after: { kind: row.kind, subject: row.subject } },
        }
      })
      return { alert: toAlert(result), revision }
    })
}
