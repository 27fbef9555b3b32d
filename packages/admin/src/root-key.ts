/** Refuses a root key that is certainly wrong before it is sent anywhere. A message never shows the text itself. */
import { letterlockKeys } from '@letterlock/keys'
import { AdminError } from './admin-error.ts'

/**
 * Passes a root key through that may be right. A server may have a prefix of its own, so only keys with ours are held
 * against the whole format.
 * @throws AdminError `missing_root_key` or `malformed_root_key`
 */
export function checkedRootKey(key: string | undefined): string {
  if (key === undefined || key === '') {
    throw new AdminError({ code: 'missing_root_key', message: 'There is no root key: set LETTERLOCK_ROOT_KEY, or give `createAdmin({ rootKey })` one.' })
  }
  const parsed = letterlockKeys.parse(key)
  if (parsed.ok && parsed.mode !== 'root') throw malformed('is an API key: it opens the product API, never this one')
  const mayBeForeign = !parsed.ok && (parsed.code === 'wrong_prefix' || parsed.code === 'wrong_mode') && /^[\x21-\x7e]+$/.test(key)
  if (!parsed.ok && !mayBeForeign) throw malformed(`is not whole or not a key (${parsed.code}); copy it again`)
  return key
}

function malformed(what: string): AdminError {
  return new AdminError({ code: 'malformed_root_key', message: `The root key ${what}.` })
}
