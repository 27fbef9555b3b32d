/** Keys that may be where they are: those of documents and tests, by the redacted form that a scan shows of them. */
import { readFileSync } from 'node:fs'
import { UsageError } from '../usage-error.ts'

export type AllowList = ReadonlySet<string>

/** Read from the folder a scan is started in. */
export const allowFile = '.letterlock-allow'

/** One redacted key a line: it names one secret of one key. What follows a `#` is a comment. */
const redactedKey = /^[a-z][a-z0-9_]*_(live|test|root)_[0-9a-z]{26}\*{4}[0-9A-Za-z]{4}$/

/** @throws UsageError for a line that is no redacted key: a whole key must not be there either */
export function readAllowList(file: string): AllowList {
  const allowed = new Set<string>()
  for (const [index, line] of textOf(file).split('\n').entries()) {
    const entry = line.replace(/#.*/, '').trim()
    if (entry === '') continue
    if (!redactedKey.test(entry)) throw new UsageError(`${file}, line ${index + 1}: expected a redacted key, as \`letterlock scan\` shows it.`)
    allowed.add(entry)
  }
  return allowed
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}
