import { idPrefixes } from '@letterlock/contract'
import type { KeyFormat } from '@letterlock/keys'
import { z } from 'zod'
import { failure, type Failure, invalid } from '../../http/failure.ts'

/** What the tokens of another platform look like. */
export const foreignFormat = z.strictObject({
  /** What they begin with, `sk_live_`. */
  prefix: z.string().regex(/^[0-9A-Za-z_-]{3,20}$/, 'expected 3 to 20 letters, digits, "_" or "-"'),
})

/** Formats of an installation: each text that begins like one of them may cost a read. */
const maxFormats = 20

/**
 * Why a prefix cannot be declared; null when it can. Our own keys have a checksum that spares reads, and ids are shown
 * everywhere and must not be taken for secrets.
 */
export function prefixFault(prefix: string, { prefix: own }: Pick<KeyFormat, 'prefix'>): Failure | null {
  const taken = [own, ...Object.values(idPrefixes)].map((name) => `${name}_`).find((start) => start.startsWith(prefix) || prefix.startsWith(start))
  if (taken === undefined) return null
  const whose = taken === `${own}_` ? 'keys of this installation begin with' : 'ids begin with'
  return invalid([{ path: 'format.prefix', message: `${whose} ${taken}` }])
}

/** Refuses one format too many. */
export function tooManyFormats(declared: readonly string[]): Failure | null {
  return declared.length < maxFormats ? null : failure('invalid_state', `${maxFormats} prefixes are declared, and that is as many as there can be.`)
}
