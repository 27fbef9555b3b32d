import { auditEvents, usage } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { differences } from '../differences.ts'
import { procedureFor } from '../procedure.ts'
import { retention } from './retention-answer.ts'

/**
 * Sets for how long the installation keeps usage; what is absent stays. Every node reads it with each batch that it
 * saves. What a shorter time no longer keeps is removed within a minute or so, for ever.
 */
export function setRetention(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('usageRecords:write')
    .input(retention.partial())
    .output(z.strictObject({ retention, revision: z.number().int() }))
    .mutation(async ({ ctx, input: given }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const current = await usage.lockRetention(tx)
        const changed = differences(current, given)
        if (!changed) return { result: current, changes: null }
        const next = { ...current, ...changed.after }
        await usage.setRetention(tx, next, now)
        return {
          result: next,
          changes: [{ kind: 'record', id: target }],
          audit: { chain: auditEvents.installationChain, action: 'usage.setRetention', target, ...changed },
        }
      })
      return { retention: result, revision }
    })
}

const target = 'usage.retention'
