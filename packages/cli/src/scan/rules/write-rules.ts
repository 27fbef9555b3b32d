/** The rules as files of other scanners. */
import type { Rule } from './rule.ts'

/** Scanners that rules are written for. */
export const ruleFormats = ['gitleaks', 'trufflehog', 'github'] as const

export type RuleFormat = (typeof ruleFormats)[number]

export const writeRules: Readonly<Record<RuleFormat, (rules: readonly Rule[]) => string>> = {
  gitleaks: (rules) => [
    '# .gitleaks.toml, for gitleaks 8: written by `letterlock scan rules --format gitleaks`.',
    '[extend]',
    'useDefault = true',
    ...rules.flatMap(({ id, description, pattern, keyword }) => [
      '',
      '[[rules]]',
      `id = "${id}"`,
      `description = "${description}"`,
      `regex = '''${pattern}'''`,
      `keywords = ["${keyword}"]`,
      'tags = ["letterlock", "key"]',
    ]),
  ].join('\n'),

  trufflehog: (rules) => [
    '# For `trufflehog --config`: written by `letterlock scan rules --format trufflehog`.',
    'detectors:',
    ...rules.flatMap(({ id, keyword, pattern }) => [
      `  - name: ${id}`,
      '    keywords:',
      `      - ${keyword}`,
      '    regex:',
      `      key: '${pattern}'`,
    ]),
  ].join('\n'),

  // What the form of a custom pattern asks for; what comes before and after a key does not matter.
  github: (rules) => JSON.stringify(rules.map(({ id, pattern }) => ({ name: id, secretFormat: pattern, beforeSecret: '', afterSecret: '' })), null, 2),
}
