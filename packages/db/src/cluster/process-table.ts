/**
 * Questions about processes of this machine, answered from `/proc` where it exists and by `ps` elsewhere.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'

const hasProc = existsSync('/proc/self/stat')

/** True while a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * A text that differs between two processes that had the same id one after the other;
 * null when there is no such process, or one that has ended and only waits for its parent to notice.
 */
export function startTimeOf(pid: number): string | null {
  if (!hasProc) return ps(pid, 'lstart=')
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // proc_pid_stat(5); the name, field 2, may hold spaces, so count from its closing bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, ticks] = [fields[0], fields[19]]
    if (state === 'Z' || state === 'X') return null
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${ticks}`
  } catch {
    return null
  }
}

/** PostgreSQL processes of this data directory, which is where they stand; empty where there is no `/proc`. */
export function processesIn(directory: string): number[] {
  if (!hasProc) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isPostgresOf(pid, directory))
}

/** True when `pid` is a PostgreSQL process of this data directory and not a stranger that got its id. */
export function isPostgresOf(pid: number, directory: string): boolean {
  if (!hasProc) {
    const command = ps(pid, 'command=')
    return command !== null && command.includes('postgres') && command.includes(directory)
  }
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(directory) && nameOf(pid) === 'postgres'
  } catch {
    return false
  }
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'latin1').trim()
}

function ps(pid: number, column: string): string | null {
  try {
    const text = execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' })
    return text.trim() || null
  } catch {
    return null
  }
}
