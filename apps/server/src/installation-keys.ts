import { defineKeyFormat, type KeyFormat } from '@letterlock/keys'
import { accessTokenFormat, foreignTokenLength } from '@letterlock/verifier'

/** The key format of an installation, and its knowledge of other formats. */
export interface InstallationKeys {
  /**
   * As `defineKeyFormat` makes it; `redactKeys` also cuts out access tokens and foreign tokens of the formats that were
   * learnt, `findKeys` also finds access tokens.
   */
  readonly keyFormat: KeyFormat
  /** Foreign tokens with these prefixes are cut out from now on. */
  readonly learnPrefixes: (prefixes: readonly string[]) => void
}

/** @throws RangeError for a prefix that no key format may have */
export function installationKeys({ prefix }: { readonly prefix: string }): InstallationKeys {
  const own = defineKeyFormat({ prefix })
  const access = accessTokenFormat(prefix)
  const redactOwn = (text: string) => (access ? access.redactKeys(own.redactKeys(text)) : own.redactKeys(text))
  let foreign: RegExp | null = null
  return {
    keyFormat: {
      ...own,
      findKeys: (text) => (access ? [...own.findKeys(text), ...access.findKeys(text)] : own.findKeys(text)),
      redactKeys: (text) => (foreign === null ? redactOwn(text) : redactOwn(text).replace(foreign, '$1****')),
    },
    learnPrefixes: (prefixes) => void (foreign = foreignPattern(prefixes)),
  }
}

/**
 * A foreign token in a text: the longest prefix, then whatever a Bearer token may have, of the shortest length at least.
 * It begins a word, which an escape of JSON or of a URL may precede.
 */
function foreignPattern(prefixes: readonly string[]): RegExp | null {
  if (prefixes.length === 0) return null
  const longestFirst = prefixes.toSorted((one, other) => other.length - one.length)
  const starts = longestFirst.map((prefix) => `${prefix}(?=${tokenCharacter}{${Math.max(1, foreignTokenLength.min - prefix.length)}})`)
  return new RegExp(String.raw`(?<=^|[^0-9A-Za-z_-]|\\[bfnrt]|%[0-9A-Fa-f]{2})(${starts.join('|')})${tokenCharacter}+`, 'g')
}

const tokenCharacter = '[0-9A-Za-z._~+/=-]'
