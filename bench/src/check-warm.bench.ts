// A warm check in the process, with a full policy, against one SHA-256 of the key and one look-up in a Map.
import { newId } from '@letterlock/contract'
import { letterlockKeys } from '@letterlock/keys'
import { createVerifier, type KeyRecord, keyRecord, memoryLimits, type Verifier } from '@letterlock/verifier'
import * as crypto from 'node:crypto'
import { loadavg } from 'node:os'
import { setImmediate as turn } from 'node:timers/promises'

const sizes = [10, 1_000, 100_000]
const rounds = 7
const checksPerTurn = 10_000 // the poll for changes gets its turn in between
const turnsPerRound = 10
const growthChecks = Number(process.env['GROWTH_CHECKS'] ?? 5_000_000)
const ask = { modes: ['live', 'test'] as const, scope: 'resource-20:read', ip: '192.0.2.7' }

interface Subject {
  readonly tokens: readonly string[]
  readonly floor: Map<string, object>
  readonly verifier: Verifier
  readonly bytesPerKey: number
}

interface Timing {
  readonly floor: number[]
  readonly check: number[]
}

console.log(`load average before: ${loadavg().map((load) => load.toFixed(2)).join(' ')}`)
console.log('policy: 20 scopes, 2 ranges of addresses, 2 rate limits counted in memory; best and median of', rounds, 'rounds\n')
const hotBySize = new Map<number, number>()
for (const size of sizes) {
  const subject = await createSubject(size)
  const hot = await measure(subject, Uint32Array.from({ length: 10 }, (_, index) => index))
  hotBySize.set(size, Math.min(...hot.check))
  report(`${size} keys held, 10 asked`, hot)
  if (size > 10) report(`${size} keys held, all asked`, await measure(subject, shuffled(size)))
  console.log(`${''.padEnd(32)} ${Math.round(subject.bytesPerKey)} bytes of heap per key held`)
  if (size === sizes.at(-1)) await reportGrowth(subject)
  await subject.verifier.stop()
}
const flatness = (hotBySize.get(100_000) ?? NaN) / (hotBySize.get(10) ?? NaN)
console.log(`\n10 keys asked of 100 000 held cost ${flatness.toFixed(2)} × what they cost of 10 held`)

async function createSubject(size: number): Promise<Subject> {
  const tokens = Array.from({ length: size }, () => flat(letterlockKeys.issue({ mode: 'live' }).token))
  const clock = () => new Date()
  const verifier = createVerifier({
    keyFormat: letterlockKeys, clock, clockMs: Date.now, monotonic: () => performance.now(), takeTokens: memoryLimits({ clock }).takeTokens,
    proveToken: async ({ keyId }) => ({
      revision: 1, key: { record: recordOf(keyId), secretVersion: 1, superseded: false, secretRetiresAt: null },
    }),
    pollChanges: async () => ({ revision: 1, changes: [] }),
  })
  await verifier.start()
  const before = heapUsed()
  for (const [index, key] of tokens.entries()) {
    await verifier.verify({ ...ask, key })
    if (index % checksPerTurn === 0) await turn()
  }
  const bytesPerKey = (heapUsed() - before) / size
  if (verifier.state().keys !== size) throw new Error('not all keys are held')
  return { tokens, verifier, bytesPerKey, floor: new Map(tokens.map((token) => [crypto.hash('sha256', token), { token }])) }
}

/** A full policy, made of strings of its own, as a row of the database is. */
function recordOf(keyId: KeyRecord['keyId'] | null): KeyRecord {
  const scopes = Array.from({ length: 20 }, (_, index) => flat(`resource-${index + 1}:read`))
  const [workspaceId, environmentId, now] = [newId('workspace'), newId('environment'), new Date()]
  const facts = {
    keyId: keyId as KeyRecord['keyId'], // none of the tokens is a foreign one
    name: 'CI', mode: 'live' as const, workspaceId, environmentId, scopes, status: 'active' as const,
    workspaceStatus: 'active' as const, createdAt: now, expiresAt: new Date(now.getTime() + 86_400_000), dependsOn: [workspaceId, newId('plan')],
  }
  const rateLimits = [{ name: 'burst', limit: '1000000/1s' }, { name: 'hourly', limit: '100000000/1h' }]
  return keyRecord(facts as Parameters<typeof keyRecord>[0], { ipAllow: ['10.0.0.0/8', '192.0.2.0/24'], rateLimits })
}

async function measure({ tokens, floor, verifier }: Subject, order: Uint32Array): Promise<Timing> {
  const bare = (index: number) => floor.get(crypto.hash('sha256', tokens[index] as string))
  const check = (index: number) => verifier.verify({ ...ask, key: tokens[index] as string })
  const isFound = (found: unknown) => found !== undefined
  const isOk = (outcome: unknown) => {
    const { code, limits } = outcome as { code?: string; limits?: { remaining: number }[] } // a promise has neither
    return code === 'ok' && (limits?.[0]?.remaining ?? 0) > 0
  }
  const timing: Timing = { floor: [], check: [] }
  for (let round = 0; round <= rounds; round++) {
    const [floorNs, checkNs] = [await time(bare, isFound, order), await time(check, isOk, order)]
    if (round === 0) continue // warm-up
    timing.floor.push(floorNs)
    timing.check.push(checkNs)
  }
  return timing
}

/** Nanoseconds for one; the turns of the event loop in between are not counted. */
async function time(run: (index: number) => unknown, isRight: (result: unknown) => boolean, order: Uint32Array): Promise<number> {
  let spent = 0n
  let position = 0
  for (let each = 0; each < turnsPerRound; each++) {
    await turn()
    const start = process.hrtime.bigint()
    for (let count = 0; count < checksPerTurn; count++) {
      if (position === order.length) position = 0
      if (!isRight(run(order[position++] as number))) throw new Error('a check was not answered from memory')
    }
    spent += process.hrtime.bigint() - start
  }
  return Number(spent) / (turnsPerRound * checksPerTurn)
}

async function reportGrowth({ tokens, verifier }: Subject): Promise<void> {
  const order = shuffled(tokens.length)
  const checkAll = async (count: number) => {
    for (let done = 0; done < count; done++) {
      if (done % checksPerTurn === 0) await turn()
      void verifier.verify({ ...ask, key: tokens[order[done % order.length] as number] as string })
    }
  }
  await checkAll(tokens.length)
  const before = heapUsed()
  await checkAll(growthChecks)
  const growth = heapUsed() - before
  console.log(`${''.padEnd(32)} heap after ${growthChecks.toLocaleString('en')} checks more: ${growth < 0 ? '' : '+'}${Math.round(growth / 1024)} KiB`)
}

function report(name: string, { floor, check }: Timing): void {
  const ratios = floor.map((floorNs, round) => (check[round] ?? NaN) / floorNs)
  const ns = (values: number[]) => `${Math.min(...values).toFixed(0)} (${median(values).toFixed(0)}) ns`
  const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`
  const best = Math.min(...check) / Math.min(...floor)
  console.log(`${name.padEnd(32)} floor ${ns(floor)}, check ${ns(check)}: ${best.toFixed(2)} × best by best, median ratio ${median(ratios).toFixed(2)} (${range})`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}

function heapUsed(): number {
  if (!globalThis.gc) throw new Error('run with --expose-gc')
  for (let times = 0; times < 3; times++) globalThis.gc()
  return process.memoryUsage().heapUsed
}

function shuffled(length: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, index) => index)
  for (let index = length - 1; index > 0; index--) {
    const other = crypto.randomInt(index + 1)
    const held = order[index] as number
    order[index] = order[other] as number
    order[other] = held
  }
  return order
}

/** A string in one piece, as from the network. */
function flat(text: string): string {
  return Buffer.from(text).toString('latin1')
}
