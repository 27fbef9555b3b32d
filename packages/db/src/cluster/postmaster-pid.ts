import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a running PostgreSQL writes into its data directory (src/include/utils/pidfile.h). */
export type PostmasterPid = { readonly pid: number; readonly status: string }

/** Where PostgreSQL names itself, below its data directory. */
export const postmasterPidPath = (directory: string): string => join(directory, 'postmaster.pid')

/** Reads `postmaster.pid`; null when there is none or it is not a whole one. */
export function readPostmasterPid(directory: string): PostmasterPid | null {
  try {
    const lines = readFileSync(postmasterPidPath(directory), 'utf8').split('\n')
    const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10))
    return pid > 1 ? { pid, status: (lines[7] ?? '').trim() } : null
  } catch {
    return null
  }
}
