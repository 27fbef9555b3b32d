/**
 * One owner per data directory, by files alone.
 *
 * Each claimant first writes its own file and then looks at all others. Of two that come at the same
 * moment at least one therefore sees the other, and a dead owner's file can be deleted by anybody,
 * because its name belongs to that dead process for ever. A single well-known name would have a race
 * there: judging it stale and deleting it are two steps, and a fresh lock may come in between.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ClusterError } from './cluster-error.ts'
import { startTimeOf } from './process-table.ts'

const lockName = /^owner-(?<pid>\d+)-(?<started>[0-9a-f]{16})-[0-9a-f]{12}\.lock$/
const attempts = 6

/**
 * Claims the directory for this process and returns the function that gives it back.
 * @throws ClusterError `data_dir_in_use` while another living owner holds it
 */
export async function acquireOwnerLock(directory: string): Promise<() => void> {
  for (let attempt = 1; ; attempt++) {
    const mine = `owner-${process.pid}-${fingerprintOf(process.pid)}-${randomBytes(6).toString('hex')}.lock`
    const path = join(directory, mine)
    writeFileSync(path, '', { flag: 'wx', mode: 0o600 })
    const other = findLivingOwner(directory, mine)
    if (other === null) return () => rmSync(path, { force: true })
    rmSync(path, { force: true })
    if (attempt === attempts) throw inUse(directory, other)
    // Two claimants that saw each other both stepped back: come again at different moments.
    await delay(randomInt(20, 80))
  }
}

function findLivingOwner(directory: string, mine: string): number | null {
  let owner: number | null = null
  for (const name of readdirSync(directory)) {
    const lock = lockName.exec(name)?.groups
    if (!lock || name === mine) continue
    const pid = Number(lock.pid)
    if (fingerprintOf(pid) === lock.started) owner = pid
    else rmSync(join(directory, name), { force: true })
  }
  return owner
}

/** Names one process for ever: ids are used again, the pair of id and start time is not. */
function fingerprintOf(pid: number): string | null {
  const startTime = startTimeOf(pid)
  return startTime === null ? null : createHash('sha256').update(startTime).digest('hex').slice(0, 16)
}

function inUse(directory: string, pid: number): ClusterError {
  return new ClusterError(
    'data_dir_in_use',
    `The data directory ${directory} is in use by process ${pid}. ` +
      'Stop that process or choose another directory.',
  )
}
