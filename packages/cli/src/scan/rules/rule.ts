import { keyModes } from '@letterlock/keys'
import type { KeyFormat, KeyMode } from '@letterlock/keys'

/** What other scanners are told of the keys of one mode. They cannot check the checksum: `letterlock key inspect` does. */
export type Rule = {
  /** `letterlock-live-key` */
  readonly id: string
  readonly description: string
  readonly mode: KeyMode
  /** Comes in every key: what a scanner looks for before it tries the pattern. */
  readonly keyword: string
  /**
   * RE2, PCRE, Hyperscan and JavaScript read it alike. It asks for nothing around a key: one may follow `\n` in a string, or be
   * followed by letters in a minified file.
   */
  readonly pattern: string
}

const opens = { live: 'a live environment', test: 'a test environment', root: 'the management API' } as const satisfies Record<KeyMode, string>

/** One rule for each mode, made from the format alone. */
export function rulesOf({ prefix, pattern }: KeyFormat): Rule[] {
  const name = prefix === 'll' ? 'letterlock' : `letterlock-${prefix.replaceAll('_', '-')}`
  return keyModes.map((mode) => {
    const keyword = `${prefix}_${mode}_`
    return {
      id: `${name}-${mode}-key`,
      description: `Letterlock key that opens ${opens[mode]}`,
      mode,
      keyword,
      pattern: pattern.replace(`(?:${keyModes.join('|')})`, mode),
    }
  })
}
