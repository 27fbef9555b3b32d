import { defineKeyFormat } from '@letterlock/keys'
import type { KeyFormat } from '@letterlock/keys'
import { UsageError } from './usage-error.ts'

/** The option that names other prefixes than ours. */
export const prefixOption = {
  prefix: { type: 'string', multiple: true, placeholder: '<prefix>', summary: 'prefix of the keys, instead of ll; may be repeated' },
} as const

/** @throws UsageError for a prefix that no server can have */
export function formatsOf(prefixes: readonly string[] = ['ll']): KeyFormat[] {
  return [...new Set(prefixes)].map((prefix) => {
    try {
      return defineKeyFormat({ prefix })
    } catch {
      throw new UsageError('--prefix takes 1 to 16 of a-z, 0-9 and _, as LETTERLOCK_KEY_PREFIX does, without the _ before the mode.')
    }
  })
}
