import { idSchema, line, newId, parseDuration } from '@letterlock/contract'
import { keys, secretShares } from '@letterlock/db'
import { foreignTokenLength } from '@letterlock/verifier'
import { z } from 'zod'
import { failure, invalid } from '../../http/failure.ts'
import { sealSecret } from '../../shares/seal-secret.ts'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { refuseExpired, refuseRevoked } from '../keys/key-states.ts'
import { noSuchKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { share, toShare } from './share-answer.ts'

const input = z.strictObject({
  keyId: idSchema('key'),
  /** As keys.create or keys.rotate has just answered it. */
  secret: z.string().min(1).max(foreignTokenLength.max),
  /** How long the link waits: a minute to 30 days. */
  expiresIn: z.string().max(20).default('3d').transform((text, context) => {
    const ms = parseDuration(text)
    if (ms !== null && ms >= 60_000 && ms <= 30 * 86_400_000) return ms
    context.addIssue('expected a duration from 1m to 30d, such as 3d')
    return z.NEVER
  }),
  /** For whom, shown in lists and to nobody who has the link. */
  note: line(200).optional(),
})

type ShareDeps = Pick<ManagementDeps, 'db' | 'clock' | 'publicUrl' | 'verifier'>

/** Seals a secret behind a link that shows it once; the link is in this answer and nowhere else. */
export function createShare(deps: ShareDeps) {
  return procedureFor('keys:write')
    .input(input)
    .output(z.strictObject({ share, url: z.string(), revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId, secret, expiresIn: lifeMs, note = null } }) => {
      await refuseUnproven(deps, { keyId, secret })
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const workspaceId = (await keys.findWorkspaceOfKey(tx, keyId)) ?? refuse(noSuchKey)
        const key = (await keys.lockKey(tx, workspaceId, keyId)) ?? refuse(noSuchKey)
        refuseRevoked(key)
        refuseExpired(key, now)
        const id = newId('secretShare')
        const { linkToken, lookup, sealed } = sealSecret(secret, id)
        const expiresAt = new Date(now.getTime() + lifeMs)
        const row = await secretShares.insertShare(tx, workspaceId, { id, keyId, lookup, sealed, note, createdBy: ctx.principal.keyId, expiresAt, now })
        const made = toShare(row, now)
        return {
          result: { share: made, url: `${deps.publicUrl()}/s/${linkToken}` },
          changes: [{ kind: 'record', id }],
          audit: { chain: workspaceId, action: 'shares.create', target: id, before: null, after: made },
        }
      })
      return { ...result, revision }
    })
}

/** Only what is a secret of this key today is worth handing over: a slip of the clipboard is noticed here, not by its owner. */
async function refuseUnproven({ verifier }: ShareDeps, { keyId, secret }: { readonly keyId: string; readonly secret: string }): Promise<void> {
  const outcome = await verifier.verify({ key: secret, modes: ['live', 'test'], scope: null, ip: null, cost: 0 })
  if (outcome.code === 'unavailable' || outcome.code === 'not_fresh') refuse(noAnswer)
  if (!('record' in outcome) || outcome.record.keyId !== keyId) refuse(notItsSecret)
  if (outcome.code === 'retired_secret') refuse(retired)
}

const notItsSecret = invalid([{ path: 'secret', message: 'not a secret of this key' }])
const retired = failure('invalid_state', 'The secret is retired. Share that of the newest version.')
const noAnswer = failure('unavailable', 'The secret cannot be proven at the moment. Try again.')
