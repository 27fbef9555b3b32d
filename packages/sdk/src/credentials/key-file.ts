/** Reads an API key from a file that only its owner may read, again when the file was changed. */
import { LetterlockError } from '../errors.ts'

/** A file as it was when it was read; a change of any of these means another file or other content. */
interface Version {
  readonly ino: number
  readonly mtimeMs: number
  readonly size: number
}

/** The part of an open `node:fs` file that is used. */
interface OpenFile {
  stat(): Promise<Version & { readonly mode: number }>
  readFile(encoding: 'utf8'): Promise<string>
  close(): Promise<void>
}

interface Runtime {
  readonly platform?: string
  readonly getBuiltinModule?: (name: 'fs') => { promises: { open(path: string): Promise<OpenFile> } } | undefined
}

/** More than any key has; a larger file is another file. */
const maxSizeBytes = 4_096

/**
 * A function that answers the text of the file without the white space at its ends. The file is looked at on each call,
 * through its link if it is one, and read only when it was changed.
 * @throws LetterlockError `insecure_api_key_file` when others may read it, `unreadable_api_key_file`
 */
export function keyFile(path: string): () => Promise<string> {
  let known: (Version & { readonly text: string }) | undefined
  return async () => {
    const file = await open(path)
    try {
      const { ino, mtimeMs, size, mode } = await file.stat()
      // Windows has no such bits: it answers 0666 for every file.
      if (mode & 0o077 && runtime()?.platform !== 'win32') throw insecure(path, mode)
      if (size > maxSizeBytes) throw unreadable(path, `has ${size} bytes, more than a key`)
      if (known?.ino !== ino || known.mtimeMs !== mtimeMs || known.size !== size) {
        known = { ino, mtimeMs, size, text: (await file.readFile('utf8')).trim() }
      }
      return known.text
    } finally {
      await file.close()
    }
  }
}

async function open(path: string): Promise<OpenFile> {
  // Asked for at run time: a bundle for a browser or a worker names no module of Node.
  const fs = runtime()?.getBuiltinModule?.('fs')
  if (!fs) throw unreadable(path, 'cannot be read: this runtime has no files, or is Node below 20.16')
  try {
    return await fs.promises.open(path)
  } catch (error) {
    throw unreadable(path, `cannot be opened: ${String((error as { code?: unknown }).code)}`)
  }
}

function runtime(): Runtime | undefined {
  return (globalThis as { process?: Runtime }).process
}

function insecure(path: string, mode: number): LetterlockError {
  const shown = (mode & 0o777).toString(8).padStart(4, '0')
  return new LetterlockError('insecure_api_key_file', `The API key file ${path} can be read by others (mode ${shown}): chmod 600 it.`)
}

function unreadable(path: string, what: string): LetterlockError {
  return new LetterlockError('unreadable_api_key_file', `The API key file ${path} ${what}.`)
}
