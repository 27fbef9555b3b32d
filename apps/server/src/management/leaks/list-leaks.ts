import { idSchema, timestamp } from '@letterlock/contract'
import { leaks, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { toPage } from '../../http/cursor.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { beforeOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'

const input = z.strictObject({ ...pageInput, workspaceId: idSchema('workspace').nullable(), keyId: idSchema('key').optional() })

/** A place where a secret was found, and what was done about it. */
const leak = z.strictObject({
  id: idSchema('leak'),
  keyId: idSchema('key'),
  secretVersion: z.number().int(),
  source: z.enum(['github', 'report']),
  /** As the source calls it: `content`, `commit`, `npm`. */
  kind: z.string().nullable(),
  url: z.string().nullable(),
  reporterIp: z.string().nullable(),
  response: z.enum(['none', 'notified', 'quarantined', 'retired', 'revoked']),
  foundAt: timestamp,
})

/** The leaks of a workspace, or (null) of root keys, newest first. */
export function listLeaks({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('alerts:read')
    .input(input)
    .output(pageOutput(leak))
    .query(async ({ input: { workspaceId, keyId, limit, cursor } }) => {
      const before = beforeOf(cursor)
      if (workspaceId && !(await workspaces.findWorkspace(db, workspaceId))) refuse(noSuchWorkspace)
      const rows = await leaks.listLeaks(db, workspaceId, { limit, before, keyId })
      return toPage(rows, limit, { idOf: (row) => row.id, answer: toLeak })
    })
}

function toLeak(row: leaks.LeakRow): z.output<typeof leak> {
  return {
    id: row.id,
    keyId: row.key_id,
    secretVersion: row.secret_version,
    source: row.source,
    kind: row.kind,
    url: row.url,
    reporterIp: row.reporter_ip,
    response: row.response,
    foundAt: row.found_at.toISOString(),
  }
}
