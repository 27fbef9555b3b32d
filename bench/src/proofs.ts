// A benchmark that promises something: what was found wrong is printed, and the run ends with 1.
import { loadavg } from 'node:os'

export interface Found {
  readonly faults: readonly string[]
  readonly figures: string
}

/** Runs one proof and prints what it found; at most twenty of its faults. */
export async function show(name: string, prove: () => Promise<Found>): Promise<void> {
  console.log(`\n${name} (load average ${loadavg()[0]?.toFixed(2)})`)
  const startedAt = performance.now()
  const { faults, figures } = await prove()
  console.log(figures)
  for (const fault of faults.slice(0, 20)) console.log(`FAULT ${fault}`)
  if (faults.length > 20) console.log(`FAULT … and ${faults.length - 20} more`)
  console.log(`${faults.length === 0 ? 'held' : 'NOT HELD'}, ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`)
  if (faults.length > 0) process.exitCode = 1
}
