import { idSchema, line } from '@letterlock/contract'
import { keyLists, keys, revisions, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { failure, invalid } from '../../http/failure.ts'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { keyFilter, toKeyFilter } from './key-filter.ts'

const mostKeys = 1_000 // each is a row of the audit log, and other changes wait meanwhile
const sampleSize = 20

const input = z.strictObject({
  workspaceId: idSchema('workspace'),
  /** As in keys.list; without any of it all keys of the workspace. Keys that are revoked already do not count. */
  filter: z.strictObject({ ...keyFilter, status: z.enum(['active', 'disabled', 'expired']).optional() }),
  /** Counts and changes nothing. */
  dryRun: z.boolean(),
  /** What the dry run counted, or the call before said is left; without a dry run it must be there. */
  expectedCount: z.number().int().min(0).optional(),
  reason: line(200).optional(),
})

const output = z.strictObject({
  /** The keys that the filter was true of. */
  count: z.number().int(),
  /** How many of them are revoked now: the oldest, 1 000 at most. */
  revoked: z.number().int(),
  /** How many of them are not: the `expectedCount` of the next call. */
  left: z.number().int(),
  hasMore: z.boolean(),
  /** The oldest of them. */
  sample: z.array(idSchema('key')),
  revision: z.number().int(),
})

/** Revokes the keys that a filter is true of for ever, when they are as many as the caller thinks. */
export function revokeKeys(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:write')
    .input(input)
    .output(output)
    .mutation(async ({ ctx, input: { workspaceId, filter: given, dryRun, expectedCount, reason = null } }) => {
      if (!dryRun && expectedCount === undefined) refuse(noExpectation)
      if (!(await workspaces.findWorkspace(deps.db, workspaceId))) refuse(noSuchWorkspace)
      if (dryRun) return count()
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const filter = notRevoked(given, now)
        const locked = await keyLists.lockKeys(tx, workspaceId, { ...filter, limit: mostKeys })
        // After the lock, so that it sees what those did for whom the lock waited.
        const found = await keyLists.countKeys(tx, workspaceId, filter)
        if (found !== expectedCount || locked.length !== Math.min(found, mostKeys)) refuse(changed(found))
        const [first, ...others] = locked.map(({ id }) => ({ kind: 'key' as const, id }))
        const result = answer(locked, { found, revoked: locked.length })
        if (!first) return { result, changes: null }
        await keys.revokeKeys(tx, workspaceId, { ids: locked.map(({ id }) => id), reason, now })
        const after = { status: 'revoked', revokedReason: reason }
        return {
          result,
          changes: [first, ...others],
          audit: locked.map(({ id, status }) => (
            { chain: workspaceId, action: 'keys.revokeMany', target: id, before: { status }, after }
          )),
        }
      })
      return { ...result, revision }

      function count() {
        return deps.db.transaction().setIsolationLevel('repeatable read').execute(async (tx) => {
          const filter = notRevoked(given, deps.clock())
          const oldest = await keyLists.listOldestKeys(tx, workspaceId, { ...filter, limit: sampleSize })
          const found = await keyLists.countKeys(tx, workspaceId, filter)
          return { ...answer(oldest, { found, revoked: 0 }), revision: await revisions.currentRevision(tx) }
        })
      }
    })
}

function notRevoked(given: z.output<typeof input>['filter'], now: Date) {
  return { ...toKeyFilter(given, now), isRevoked: false as const }
}

function answer(oldest: readonly Pick<keys.KeyRow, 'id'>[], { found, revoked }: { found: number; revoked: number }) {
  const left = found - revoked
  return { count: found, revoked, left, hasMore: left > 0, sample: oldest.slice(0, sampleSize).map(({ id }) => id) }
}

const noExpectation = invalid([{ path: 'expectedCount', message: 'send the count of the dry run' }])

function changed(count: number) {
  return failure('invalid_state', `The filter is true of ${count} keys now, not of expectedCount. Look again with dryRun: true.`, { members: { count } })
}
