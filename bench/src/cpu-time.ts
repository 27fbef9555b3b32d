// Who used the CPU while something ran. Asked of /proc; where there is none, nothing is known.
import { readdirSync, readFileSync } from 'node:fs'
import type { Run } from './run.ts'

/** Named groups of processes; a group is asked for its members each time, for they come and go. */
export type WatchedProcesses = Readonly<Record<string, () => readonly number[]>>

export interface CpuMeter {
  /** Runs one round and adds up what each group used. */
  readonly during: (run: () => Promise<Run>) => Promise<Run>
  /** Milliseconds per thousand things done, by group. */
  readonly perThousand: () => string
}

const ticksPerSecond = 100 // USER_HZ, the same on every Linux

export function startCpuMeter(processes: WatchedProcesses): CpuMeter {
  const groups = Object.entries(processes).map(([name, members]) => ({ name, members, used: 0 }))
  let done = 0
  return {
    async during(run) {
      const before = groups.map(({ members }) => cpuSeconds(members()))
      const result = await run()
      for (const [index, group] of groups.entries()) group.used += cpuSeconds(group.members()) - (before[index] ?? 0)
      done += result.count
      return result
    },
    perThousand: () => groups.map(({ name, used }) => `${name} ${Math.round((used * 1e6) / done)} ms`).join(', '),
  }
}

/** A process and its children. */
export function withChildren(pid: number): number[] {
  try {
    return [pid, ...readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((each) => statOf(each)?.parent === pid)]
  } catch {
    return [pid]
  }
}

function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (statOf(pid)?.ticks ?? 0), 0) / ticksPerSecond
}

// proc_pid_stat(5); the name, field 2, may hold spaces, so count from its closing bracket. Ended children included.
function statOf(pid: number): { parent: number; ticks: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(fields[1]), ticks: fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) }
  } catch {
    return null
  }
}
