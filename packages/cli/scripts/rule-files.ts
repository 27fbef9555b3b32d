import type { RuleFormat } from '../src/scan/rules/write-rules.ts'

/** The files of this package with the rules of the prefix `ll`, by their scanners. */
export const ruleFiles = { gitleaks: 'gitleaks.toml', trufflehog: 'trufflehog.yaml', github: 'github.json' } as const satisfies Record<RuleFormat, string>
