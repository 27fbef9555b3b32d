/** The keys Letterlock itself issues. */
import type { FoundKey } from './find-keys.ts'
import { defineKeyFormat } from './key-format.ts'
import type { KeyFormat } from './key-format.ts'

/** Keys that start with `ll_`, 72 characters long. */
export const letterlockKeys: KeyFormat = /* @__PURE__ */ defineKeyFormat({ prefix: 'll' })

/** The keys with a right checksum inside a text, of Letterlock's format unless another is given. */
export function findKeys(text: string, format: KeyFormat = letterlockKeys): FoundKey[] {
  return format.findKeys(text)
}
