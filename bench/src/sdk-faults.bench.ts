// What clients do when one POST fails: how often they try, after which gaps, and whether a repeat can do harm.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, type FaultServer, startFaultServer } from './fault-server.ts'
import { type Sdk, sdks } from './sdks.ts'

const watchedMs = 7_000
const faults: readonly Fault[] = [
  { name: '500', status: 500 },
  { name: '503 RA:1', status: 503, headers: { 'retry-after': '1' } },
  { name: '429 RA:1', status: 429, headers: { 'retry-after': '1' } },
  { name: '429', status: 429 },
  { name: '409', status: 409 },
  { name: '408', status: 408 },
  { name: '401', status: 401 },
  { name: 'reset', status: null },
  { name: '503 RA:3600', status: 503, headers: { 'retry-after': '3600' } },
]

console.log(`one POST each; attempts [gaps in s], + when still at it after ${watchedMs / 1_000} s\n`)
console.log(row('', [...faults.map(({ name }) => name), 'Idempotency-Key']))
for (const sdk of sdks) {
  const seen = await Promise.all(faults.map((fault) => watch(sdk, fault)))
  console.log(row(sdk.name, [...seen.map(({ text }) => text), keyOf(seen.map(({ keys }) => keys))]))
}
process.exit() // some are still waiting

async function watch({ open, newKey }: Sdk, fault: Fault): Promise<{ text: string; keys: readonly (string | undefined)[] }> {
  const server = await startFaultServer(fault)
  const call = quietly(() => open(server.url, newKey()).post())
  const isDone = await Promise.race([call.then(() => true, () => true), sleep(watchedMs, false)])
  const seen = { text: attemptsOf(server) + (isDone ? '' : '+'), keys: server.asked.map(({ idempotencyKey }) => idempotencyKey) }
  await server.stop()
  return seen
}

/** Some print what they return. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { error } = console
  console.error = () => {}
  try {
    return await work()
  } finally {
    console.error = error
  }
}

function attemptsOf({ asked }: FaultServer): string {
  const gaps = asked.slice(1).map(({ at }, i) => ((at - (asked[i]?.at ?? 0)) / 1_000).toFixed(1))
  return gaps.length === 0 ? String(asked.length) : `${asked.length} [${gaps.slice(0, 3).join(', ')}${gaps.length > 3 ? ', …' : ''}]`
}

function keyOf(calls: readonly (readonly (string | undefined)[])[]): string {
  if (calls.flat().every((key) => key === undefined)) return 'no'
  return calls.every((keys) => new Set(keys).size === 1) ? 'stable' : 'changes'
}

function row(name: string, cells: readonly string[]): string {
  return `| ${[name, ...cells].join(' | ')} |`
}
