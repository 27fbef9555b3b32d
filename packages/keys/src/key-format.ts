/** One door to everything that can be done with the keys of one prefix. */
import { findKeysIn } from './find-keys.ts'
import type { FoundKey } from './find-keys.ts'
import { issueKey } from './issue-key.ts'
import type { IssuedKey, IssueOptions } from './issue-key.ts'
import { createLayout } from './key-layout.ts'
import { keyModes } from './key.ts'
import type { RedactedKey } from './key.ts'
import { parseKey } from './parse-key.ts'
import type { ParseResult } from './parse-key.ts'
import { redactKey, redactKeysIn } from './redact-keys.ts'

/** The keys of one prefix. All functions stand alone: they may be taken off the object. */
export type KeyFormat = {
  readonly prefix: string
  /** Characters of a key: 64 more than `ll_live_` has. */
  readonly tokenLength: number
  /** Source of a regular expression for scanners (RE2, PCRE, JavaScript); it cannot check the checksum. */
  readonly pattern: string
  /** A new global RegExp of the pattern; a shared one would carry its `lastIndex` around. */
  readonly createRegExp: () => RegExp
  /** A new key. @throws RangeError for an unknown mode, a malformed key id, or a broken random source. */
  readonly issue: (options: IssueOptions) => IssuedKey
  /** The parts of a key, or why the text is none. Never throws. */
  readonly parse: (text: string) => ParseResult
  /** `ll_live_<id>****<last 4>`; of anything that is no key, at most its header. Never throws. */
  readonly redact: (text: string) => RedactedKey
  /** The text with every key-shaped run redacted, whether its checksum is right or not; linear time. */
  readonly redactKeys: (text: string) => string
  /** The keys with a right checksum inside a text, in order, never overlapping; linear time. */
  readonly findKeys: (text: string) => FoundKey[]
}

const prefixShape = /^[a-z](?:[a-z0-9_]{0,14}[a-z0-9])?$/

/**
 * The key format of a prefix: 1–16 of a-z, 0-9 and `_`, starting with a letter, not ending with `_`.
 *
 * @example
 * const keys = defineKeyFormat({ prefix: 'acme' })
 * const { token, keyId } = keys.issue({ mode: 'live' }) // acme_live_…, key_…
 * @throws RangeError for another prefix
 */
export function defineKeyFormat({ prefix }: { readonly prefix: string }): KeyFormat {
  if (!prefixShape.test(prefix)) {
    throw new RangeError(`prefix must match ${prefixShape}`)
  }
  const layout = createLayout(prefix)
  const pattern = `${prefix}_(?:${keyModes.join('|')})_[0-7][0-9a-hjkmnp-tv-z]{25}[0-9A-Za-z]{38}`
  return Object.freeze({
    prefix,
    tokenLength: layout.tokenLength,
    pattern,
    createRegExp: () => new RegExp(pattern, 'g'),
    issue: (options) => issueKey(layout, options),
    parse: (text) => parseKey(layout, text),
    redact: (text) => redactKey(layout, text),
    redactKeys: (text) => redactKeysIn(layout, text),
    findKeys: (text) => findKeysIn(layout, text),
  } satisfies KeyFormat)
}
