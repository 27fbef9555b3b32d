import type { KeyFault } from '@letterlock/keys'

/** What is wrong with a text that is no key, and what to do about it. */
export const faultTexts = {
  empty: 'is empty: a variable is not set, or a file has nothing in it',
  placeholder: 'is a placeholder: a variable was not filled in',
  has_scheme: 'starts with a scheme such as "Bearer": give the key alone',
  quoted: 'has quotation marks around it: they are not part of the key',
  whitespace: 'has white space or an invisible character in it, such as the line break at the end of a file',
  key_id: 'is the id of a key, not the key: the key was shown once, when it was made',
  redacted: 'is shortened: it was copied from where keys are not shown whole',
  wrong_prefix: 'does not begin like a key: it is of another product, or of a server with a prefix of its own (--prefix)',
  wrong_mode: 'has neither live, test nor root after its prefix',
  too_short: 'is not whole: copy it again, to its last character',
  too_long: 'has something stuck to its end',
  bad_character: 'has a character that no key has',
  bad_key_id: 'is mistyped: the id in it is none',
  bad_checksum: 'is mistyped: its checksum is wrong. Copy it again',
} as const satisfies Record<KeyFault, string>
