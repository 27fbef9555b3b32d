import { z } from 'zod'
import { timestamp } from '../bounded-text.ts'
import { idSchema } from '../ids.ts'

const key = z.object({ keyId: idSchema('key'), name: z.string() }).meta({ id: 'NamedKey', description: 'An API key, by its id and its name.' })
const warnBefore = z.string().nullable().meta({ description: 'How long before; null: the moment has come.', example: '7d' })

/** Events of API keys; the names are those of alerts. No key is in them, whole or in part. */
export const keyEvents = {
  'key.created': key,
  'key.updated': key,
  'key.disabled': key,
  'key.enabled': key,
  'key.revoked': key,
  'key.expiring': key.extend({ expiresAt: timestamp, warnBefore }),
  'key.expired': key.extend({ expiresAt: timestamp }),
  'key.rotated': key.extend({ version: z.number().int(), retiresAt: timestamp.nullable() }),
  'key.rotation_due': key.extend({ version: z.number().int(), dueAt: timestamp, warnBefore }),
  'key.secret_retired': key.extend({ version: z.number().int(), cause: z.string(), retiredAt: timestamp }),
  'key.unused': key.extend({ unusedSince: timestamp, lastUsedAt: timestamp.nullable(), endsAt: timestamp, warnBefore }),
  'key.leaked': key.extend({ source: z.string() }),
  'key.quarantined': key.extend({ reason: z.string() }),
}
