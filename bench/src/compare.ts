// Two ways to do the same, turn by turn in one run, so that a busy machine disturbs both alike.
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
  readonly peer: Side
  readonly rounds: number
  readonly processes: WatchedProcesses
}

/** One warm-up of both, then the rounds; prints each round, the medians, the ratio, and who used the CPU. */
export async function compare({ unit, subject, peer, rounds, processes }: Comparison): Promise<void> {
  console.log(`load average before: ${loadavg().map((load) => load.toFixed(2)).join(' ')}`)
  await subject.run()
  await peer.run()
  const sides = [subject, peer].map((side) => ({ name: side.name, run: side.run, rates: [] as number[], cpu: startCpuMeter(processes) }))
  for (let round = 1; round <= rounds; round++) {
    for (const side of sides) side.rates.push(await measure(side))
    const [ours = 0, theirs = 0] = sides.map(({ rates }) => rates.at(-1))
    console.log(`round ${round}: ${perSecond(ours, unit)} against ${perSecond(theirs, unit)}, ratio ${(ours / theirs).toFixed(3)}`)
  }
  for (const { name, rates, cpu } of sides) {
    console.log(`${name}: median ${perSecond(median(rates), unit)}; CPU per 1 000 ${unit}: ${cpu.perThousand()}`)
  }
  const [ours, theirs] = sides.map(({ rates }) => rates) as [number[], number[]] // two sides
  const ratios = ours.map((rate, round) => rate / (theirs[round] ?? NaN))
  const range = `${Math.min(...ratios).toFixed(3)}–${Math.max(...ratios).toFixed(3)}`
  console.log(`ratio ${median(ratios).toFixed(3)} × (median of ${rounds} pairs, ${range})`)
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

function perSecond(rate: number, unit: string): string {
  return `${Math.round(rate).toLocaleString('en')} ${unit}/s`
}
