// A benchmark that promises something: what was found wrong is printed, and the run ends with 1. What only makes it prove
// less, such as a machine that is busy with other things, is printed too.
import { loadavg } from 'node:os'

export interface Found {
  readonly faults: readonly string[]
  readonly figures: string
  readonly weaknesses?: readonly string[]
}

/** Runs one proof and prints what it found; at most twenty of each kind. */
export async function show(name: string, prove: () => Promise<Found>): Promise<void> {
  console.log(`\n${name} (load average ${loadavg()[0]?.toFixed(2)})`)
  const startedAt = performance.now()
  const { faults, figures, weaknesses = [] } = await prove()
  console.log(figures)
  list('WEAK', weaknesses)
  list('FAULT', faults)
  const seconds = (performance.now() - startedAt) / 1_000
  console.log(`${faults.length > 0 ? 'NOT HELD' : weaknesses.length > 0 ? 'held, weakly' : 'held'}, ${seconds.toFixed(0)} s`)
  if (faults.length > 0) process.exitCode = 1
}

function list(word: string, items: readonly string[]): void {
  for (const item of items.slice(0, 20)) console.log(`${word} ${item}`)
  if (items.length > 20) console.log(`${word} … and ${items.length - 20} more`)
}
