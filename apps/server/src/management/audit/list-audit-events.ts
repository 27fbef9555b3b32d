import { line, moment } from '@letterlock/contract'
import { auditEvents } from '@letterlock/db'
import { z } from 'zod'
import { encodeNumberCursor, toPage } from '../../http/cursor.ts'
import type { ManagementDeps } from '../context.ts'
import { numberOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'
import { readInTime } from '../read-in-time.ts'
import { auditEvent, chainInput, toAuditEvent } from './audit-event-answer.ts'
import { chainOf } from './chain-of.ts'

const input = z.strictObject({
  ...pageInput,
  ...chainInput,
  actor: line(100).optional(),
  action: line(100).optional(),
  /** The id of what was changed. */
  target: line(200).optional(),
  from: moment.optional(),
  to: moment.optional(),
})

/** What was changed in a workspace, or in the installation itself, newest first. */
export function listAuditEvents({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('audit:read')
    .input(input)
    .output(pageOutput(auditEvent))
    .query(async ({ input: { workspaceId, limit, cursor, actor, action, target, from, to } }) => {
      const before = numberOf(cursor)
      const chain = await chainOf(db, workspaceId)
      const span = { from: from === undefined ? undefined : new Date(from), to: to === undefined ? undefined : new Date(to) }
      const rows = await readInTime(db, (tx) => auditEvents.listAuditEvents(tx, chain, { limit, before, actor, action, target, ...span }))
      return toPage(rows, limit, { cursorOf: (row) => encodeNumberCursor(row.sequence), answer: toAuditEvent })
    })
}
