// Several ways to do the same, turn by turn in one run, so that a busy machine disturbs all alike.
import { loadavg } from 'node:os'
import { type CpuMeter, startCpuMeter, type WatchedProcesses } from './cpu-time.ts'
import type { Run } from './run.ts'

export interface Side {
  readonly name: string
  /** One round. */
  readonly run: () => Promise<Run>
}

export interface Comparison {
  /** What is counted, in the plural. */
  readonly unit: string
  readonly subject: Side
  readonly peers: readonly Side[]
  readonly rounds: number
  readonly processes: WatchedProcesses
}

/** One warm-up of all sides, then the rounds; prints each round, the medians, who used the CPU, and the ratios. */
export async function compare({ unit, subject, peers, rounds, processes }: Comparison): Promise<void> {
  console.log(`load average before: ${loadavg().map((load) => load.toFixed(2)).join(' ')}`)
  const sides = [subject, ...peers].map((side) => ({ ...side, rates: [] as number[], cpu: startCpuMeter(processes) }))
  for (const { run } of sides) await run()
  for (let round = 1; round <= rounds; round++) {
    for (const side of sides) side.rates.push(await measure(side))
    console.log(`round ${round}: ${sides.map(({ name, rates }) => `${name} ${perSecond(rates.at(-1), unit)}`).join(', ')}`)
  }
  for (const { name, rates, cpu } of sides) {
    console.log(`${name}: median ${perSecond(median(rates), unit)}; CPU per 1 000 ${unit}: ${cpu.perThousand()}`)
  }
  const [ours, ...others] = sides
  for (const { name, rates } of others) {
    const ratios = rates.map((rate, round) => (ours?.rates[round] ?? NaN) / rate)
    const range = `${Math.min(...ratios).toFixed(3)}–${Math.max(...ratios).toFixed(3)}`
    console.log(`ratio ${median(ratios).toFixed(3)} × ${name} (median of ${rounds} pairs, ${range})`)
  }
}

async function measure(side: { run: Side['run']; cpu: CpuMeter }): Promise<number> {
  globalThis.gc?.()
  const { count, seconds } = await side.cpu.during(side.run)
  return count / seconds
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
}

function perSecond(rate: number | undefined, unit: string): string {
  return `${Math.round(rate ?? NaN).toLocaleString('en')} ${unit}/s`
}
