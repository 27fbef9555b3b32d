/**
 * After `kill -9` of our process PostgreSQL lives on, and after a power cut its `postmaster.pid` lies
 * about a process that is gone. Both must be out of the way before a new start. The caller holds the
 * owner lock, so whatever runs in the directory belongs to nobody.
 */
import { rmSync } from 'node:fs'
import { endProcess, waitUntil } from './end-process.ts'
import { postmasterPidPath, readPostmasterPid } from './postmaster-pid.ts'
import { isPostgresOf, processesIn } from './process-table.ts'

/** Stops what still runs in the directory, cleanly where it can, and returns its id; null when nothing ran. */
export async function stopOrphan(directory: string): Promise<number | null> {
  const pid = readPostmasterPid(directory)?.pid ?? null
  const orphan = pid !== null && isPostgresOf(pid, directory) ? pid : null
  if (orphan !== null) await endProcess(orphan, () => !isPostgresOf(orphan, directory))
  await endLeftovers(directory)
  rmSync(postmasterPidPath(directory), { force: true })
  return orphan
}

/** A session deep in a query does not notice that its postmaster was killed, and holds the shared memory. */
async function endLeftovers(directory: string): Promise<void> {
  for (const pid of processesIn(directory)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  await waitUntil(() => processesIn(directory).length === 0, 5_000)
}
