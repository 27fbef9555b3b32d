import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** The data directory cannot be used; the message says what to do. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError'
}

/** Makes the data directory with mode 0700, or takes the one that is there. */
export function openDataDir(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    chmodSync(directory, 0o700)
    const probe = `${directory}/.writable`
    writeFileSync(probe, '', { mode: 0o600 })
    rmSync(probe)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new DataDirError(`Cannot write to the data directory ${directory} (${code}). Make it writable, or set LETTERLOCK_DATA_DIR to a directory that is.`, { cause: error })
  }
}

/** The peppers of a development server: made once, then read. */
export function developmentPeppers(file: string): string {
  if (!existsSync(file)) writePrivate(file, `v1:${randomBytes(32).toString('base64')}\n`)
  return readFileSync(file, 'utf8').trim()
}

/** Writes a file that only its owner can read; readers see the old content or the new, never a part. */
export function writePrivate(file: string, content: string): void {
  writeFileSync(`${file}.new`, content, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
