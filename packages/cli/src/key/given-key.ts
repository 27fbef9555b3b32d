/** Where a key comes from: a file, the standard input, or the environment, and never an argument. */
import { readFileSync, statSync } from 'node:fs'
import type { Environment } from '../config.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { UsageError } from '../usage-error.ts'

/** The option that names a file. */
export const keyFileOption = {
  'key-file': { type: 'string', placeholder: '<file>', summary: 'read the key from a file, - is the standard input' },
} as const

/** A text that should be a key, and what it was read from. */
export type GivenKey = {
  readonly text: string
  readonly source: string
  /** The file can be read by others than its owner. */
  readonly readableByOthers: boolean
}

export type KeyPlaces = {
  readonly file: string | undefined
  readonly environment: Environment
  /** Names of the variables with the key, and with the name of a file: `LETTERLOCK_API_KEY`. */
  readonly variable: string
  readonly terminal: Terminal
}

/** The key of the first place that has one; undefined where none has. @throws UsageError for a file that cannot be read */
export async function findGivenKey({ file, environment, variable, terminal }: KeyPlaces): Promise<GivenKey | undefined> {
  if (file === '-') {
    const text = await terminal.readInput()
    if (text === undefined) throw new UsageError('--key-file - reads the standard input, and nothing is piped into it.')
    return { text: withoutLineEnd(text), source: 'the standard input', readableByOthers: false }
  }
  if (file !== undefined) return keyInFile(file)
  const text = environment[variable]
  if (text) return { text, source: variable, readableByOthers: false }
  const named = environment[`${variable}_FILE`]
  return named ? keyInFile(named) : undefined
}

const maxBytes = 4_096

function keyInFile(path: string): GivenKey {
  try {
    const { mode, size } = statSync(path)
    if (size > maxBytes) throw new UsageError(`${path} has ${size} bytes, more than a key.`)
    const readableByOthers = process.platform !== 'win32' && (mode & 0o077) !== 0
    return { text: withoutLineEnd(readFileSync(path, 'utf8')), source: path, readableByOthers }
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error && 'code' in error)) throw error
    throw new UsageError(`${path} cannot be read: ${String(error.code)}.`)
  }
}

/** Editors end a file with a line break; anything else is of the key. */
function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '')
}
