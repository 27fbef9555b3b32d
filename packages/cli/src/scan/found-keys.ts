import type { KeyId, KeyMode, RedactedKey } from '@letterlock/keys'
import type { TracedFinding } from './scan.ts'

/** One secret of one key, and everywhere it was found. */
export type FoundKey = {
  readonly key: RedactedKey
  readonly keyId: KeyId
  readonly mode: KeyMode
  /** When the key was made, in milliseconds since 1970. */
  readonly issuedAt: number
  readonly findings: readonly TracedFinding[]
}

/** Findings by key, in the order in which the keys were first found. */
export function groupByKey(findings: readonly TracedFinding[]): FoundKey[] {
  const groups = new Map<string, TracedFinding[]>()
  for (const finding of findings) {
    const group = groups.get(finding.key.token)
    if (group === undefined) groups.set(finding.key.token, [finding])
    else group.push(finding)
  }
  return [...groups.values()].map((group) => {
    const { format, key } = group[0] as TracedFinding // groups are made with one
    return { key: format.redact(key.token), keyId: key.keyId, mode: key.mode, issuedAt: key.issuedAt, findings: group }
  })
}
