import { plans } from '@letterlock/db'
import { z } from 'zod'
import { toPage } from '../../http/cursor.ts'
import type { ManagementDeps } from '../context.ts'
import { beforeOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'
import { plan, toPlan } from './plan-answer.ts'

/** Plans, newest first. */
export function listPlans({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('plans:read')
    .input(z.strictObject(pageInput).prefault({}))
    .output(pageOutput(plan))
    .query(async ({ input: { limit, cursor } }) => {
      const rows = await plans.listPlans(db, { limit, before: beforeOf(cursor) })
      return toPage(rows, limit, { idOf: (row) => row.id, answer: toPlan })
    })
}
