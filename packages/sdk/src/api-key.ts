/** Refuses a key that is certainly wrong before it is sent anywhere. A message never shows the text itself. */
import type { KeyFault } from '@letterlock/keys'
import { parseLetterlockKey } from '@letterlock/keys/read'
import { LetterlockError } from './errors.ts'

/** An API key, or a function that finds one for each call. */
export type ApiKeySource = string | (() => string | Promise<string>)

/** What a key of this client must be for. */
export type ExpectedMode = 'live' | 'test'

/**
 * Passes a key through that may be right. Servers may have a prefix of their own, so only keys that start with
 * `ll_live_` or `ll_test_` are held against the whole format.
 * @throws LetterlockError `missing_api_key` or `malformed_api_key`
 */
export function checkedApiKey(key: unknown, source: string, mode?: ExpectedMode): string {
  if (key === undefined || key === null || key === '') {
    throw new LetterlockError(
      'missing_api_key',
      'There is no API key: set LETTERLOCK_API_KEY or LETTERLOCK_API_KEY_FILE, or give `new Letterlock({ apiKey })` one.',
    )
  }
  const fault = typeof key === 'string' ? faultOf(key, mode) : `is a ${typeof key}, not a string`
  if (fault !== null) throw new LetterlockError('malformed_api_key', `The API key of ${source} ${fault}.`)
  return key as string // a string: any other type has a fault
}

function faultOf(key: string, mode: ExpectedMode | undefined): string | null {
  if (foreignKey.test(key)) return 'is a key of another product'
  const parsed = parseLetterlockKey(key)
  if (!parsed.ok) return faultTexts[parsed.code] ?? (/^[\x21-\x7e]+$/.test(key) ? null : faultTexts.bad_character)
  if (parsed.mode === 'root') return 'is a root key: it opens the management API, never this one'
  if (mode !== undefined && parsed.mode !== mode) return `is a ${parsed.mode} key, and this client is made for ${mode} keys`
  return null
}

/** Headers of well-known keys (GitHub, OpenAI, SendGrid, AWS, Slack, a JWT) that no prefix of a Letterlock server can have. */
const foreignKey = /^(gh[oprsu]_[0-9A-Za-z]{30}|github_pat_|sk-|SG\.|AKIA[0-9A-Z]{16}|xox[abprs]-|eyJ[\w-]+\.)/

const notWhole = 'is not whole: copy it again, all 72 characters'

/** Null where a server with a prefix of its own may have issued the key: only that server can tell. */
const faultTexts = {
  empty: 'is empty',
  placeholder: 'is a placeholder: a variable was not filled in',
  has_scheme: 'starts with a scheme such as "Bearer": give the key alone',
  quoted: 'has quotation marks around it',
  whitespace: 'has white space in it, such as the line break at the end of a file',
  key_id: 'is the id of a key, not the key',
  redacted: 'was copied from where it is shown shortened',
  wrong_prefix: null,
  wrong_mode: null,
  too_short: notWhole,
  too_long: 'has something stuck to it: a key has 72 characters',
  bad_character: 'has a character that no key has',
  bad_key_id: notWhole,
  bad_checksum: 'has a wrong checksum: a character was changed. Copy it again',
} as const satisfies Record<KeyFault, string | null>
