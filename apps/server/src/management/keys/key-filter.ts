import { line, moment, productScopeNames } from '@letterlock/contract'
import type { keyLists } from '@letterlock/db'
import { z } from 'zod'
import { scopeName } from './key-policy.ts'

/** What keys can be looked for by; all that is given holds at once. */
export const keyFilter = {
  /** `active` and `expired` are apart: an active key that is past its end is `expired`. */
  status: z.enum(['active', 'disabled', 'revoked', 'expired']).optional(),
  mode: z.enum(['live', 'test']).optional(),
  owner: line(200).optional(),
  /** The id of the root key that made it; `system` for the server itself. */
  createdBy: line(100).optional(),
  /** Its own or of its role. */
  scope: scopeName(productScopeNames).optional(),
  /** Not used since this time; a key that was never used counts from its creation. */
  unusedSince: moment.optional(),
  /** With an end before this time, past ends too. */
  expiringBefore: moment.optional(),
}

type Given = z.output<z.ZodObject<typeof keyFilter>>

export function toKeyFilter({ unusedSince, expiringBefore, ...same }: Given, now: Date): keyLists.KeyFilter {
  return {
    ...same,
    ...(unusedSince !== undefined && { unusedSince: new Date(unusedSince) }),
    ...(expiringBefore !== undefined && { expiringBefore: new Date(expiringBefore) }),
    now,
  }
}
