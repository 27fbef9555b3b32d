// Runs inside each runtime, as it is: no TypeScript, nothing but the package and its vectors.
import { defineKeyFormat, findKeys, keyModes, letterlockKeys } from '@letterlock/keys'
import find from '@letterlock/keys/vectors/find.json' with { type: 'json' }
import invalid from '@letterlock/keys/vectors/parse-invalid.json' with { type: 'json' }
import valid from '@letterlock/keys/vectors/parse-valid.json' with { type: 'json' }
import redact from '@letterlock/keys/vectors/redact.json' with { type: 'json' }
import redactText from '@letterlock/keys/vectors/redact-text.json' with { type: 'json' }

export const publishedVectors = { valid, invalid, redact, redactText, find }

/**
 * How many vectors were looked at, and what failed.
 * @param {typeof publishedVectors} vectors
 */
export function checkVectors(vectors = publishedVectors) {
  let checked = 0
  /** @type {string[]} */
  const failures = []
  /** @type {(name: string, seen: unknown, expected: unknown) => void} */
  const check = (name, seen, expected) => {
    checked += 1
    const [a, b] = [JSON.stringify(seen), JSON.stringify(expected)]
    if (a !== b) failures.push(`${name}: ${a} instead of ${b}`)
  }

  for (const { name, prefix, mode, keyIdSuffix, secret, checksum, keyId, issuedAt } of vectors.valid.vectors) {
    const token = `${prefix}_${mode}_${keyIdSuffix}${secret}${checksum}`
    check(name, defineKeyFormat({ prefix }).parse(token), { ok: true, token, mode, keyId, issuedAt })
  }
  for (const { name, prefix, text, code } of vectors.invalid.vectors) {
    check(name, defineKeyFormat({ prefix }).parse(text), { ok: false, code })
  }
  for (const { name, prefix, text, redacted } of vectors.redact.vectors) {
    check(name, defineKeyFormat({ prefix }).redact(text), redacted)
  }
  for (const { name, prefix, text, redacted } of vectors.redactText.vectors) {
    check(name, defineKeyFormat({ prefix }).redactKeys(text), redacted)
  }
  for (const { name, prefix, text, keys } of vectors.find.vectors) {
    const expected = keys.map(({ start, end, ...key }) => ({ start, end, token: text.slice(start, end), ...key }))
    check(name, findKeys(text, defineKeyFormat({ prefix })), expected)
  }
  for (const mode of keyModes) {
    const { token, keyId } = letterlockKeys.issue({ mode })
    const parsed = letterlockKeys.parse(token)
    check(`a ${mode} key issued here`, parsed.ok && [parsed.keyId, parsed.mode], [keyId, mode])
  }
  return { checked, failures }
}
