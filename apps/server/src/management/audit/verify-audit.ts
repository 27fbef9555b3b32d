import { auditEvents } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { procedureFor } from '../procedure.ts'
import { chainHead, chainInput } from './audit-event-answer.ts'
import { chainOf } from './chain-of.ts'

const input = z.strictObject({
  ...chainInput,
  /** An end that was answered or exported earlier: the chain must contain it. */
  expectedHead: chainHead.optional(),
})

const output = z.discriminatedUnion('intact', [
  /** Keep `head` where nobody who can write to the database can write: it proves all rows up to it. */
  z.strictObject({ intact: z.literal(true), events: z.number().int(), head: chainHead }),
  z.strictObject({
    intact: z.literal(false),
    fault: z.enum(['missing', 'changed', 'unlinked', 'inserted', 'cut', 'replaced']),
    /** The number of the first row that does not fit. */
    brokenAt: z.number().int(),
    /** Null when there is no such row. */
    eventId: z.string().nullable(),
  }),
])

/** Whether the audit log of a workspace, or of the installation itself, is as it was written; if not, where it is not. */
export function verifyAudit({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('audit:read')
    .input(input)
    .output(output)
    .query(async ({ input: { workspaceId, expectedHead } }) => {
      const chain = await chainOf(db, workspaceId)
      const expected = expectedHead && { sequence: expectedHead.sequence, hash: Buffer.from(expectedHead.hash, 'hex') }
      const state = await auditEvents.verifyChain(db, chain, { expected })
      if (!state.intact) return state
      return { ...state, head: { sequence: state.head.sequence, hash: state.head.hash.toString('hex') } }
    })
}
