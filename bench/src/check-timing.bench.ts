// Whether the time of a refusal tells why: an unknown id, a wrong secret, a wrong secret of a revoked key. Measured
// around verify() in this process, in random order, as Reparaz, Balasch and Verbauwhede do ("Dude, is my code constant
// time?", 2017): |t| of Welch's test below 4.5. The rule, stated before: measurements above a percentile of all three
// classes together are left out, for the percentiles below, and the largest |t| counts.
import { letterlockKeys } from '@letterlock/keys'
import type { Verifier } from '@letterlock/verifier'
import { loadavg } from 'node:os'
import { setImmediate as turn } from 'node:timers/promises'
import { ask, createKeyDatabase, peppers, startPostgres } from './key-database.ts'
import { openVerifier } from './open-verifier.ts'
import { withSurroundings } from './surroundings.ts'
import { welchT } from './welch.ts'

const perClass = Number(process.env['BENCH_SAMPLES'] ?? 20_000)
const repeatedTokens = 1_000 // of each class; the verifier remembers 10 000 wrong ones
const percentiles = [100, 99, 95, 75, 50]
const limit = 4.5
const pairs = [['unknown id', 'wrong secret'], ['unknown id', 'revoked, wrong secret'], ['wrong secret', 'revoked, wrong secret']] as const
type Class = (typeof pairs)[number][number]

interface Presented {
  readonly kind: Class
  readonly token: string
}

await withSurroundings(async (closers) => {
  const { cluster } = await startPostgres(closers, { durable: false })
  const database = await createKeyDatabase(closers, cluster, 'letterlock')
  const active = await database.issue(perClass)
  const revoked = await database.issue(perClass, 'revoked')
  const unknown = active.map(({ id }) => letterlockKeys.issue({ mode: 'live', now: timeOf(id) }).keyId as string)
  await database.settle()
  await database.client.query('select count(k) from keys as k, key_secrets as s where s.key_id = k.id') // into memory

  const present = (count: number): Presented[] => shuffled([
    ...unknown.slice(0, count).map((id) => ({ kind: 'unknown id' as const, id })),
    ...active.slice(0, count).map(({ id }) => ({ kind: 'wrong secret' as const, id })),
    ...revoked.slice(0, count).map(({ id }) => ({ kind: 'revoked, wrong secret' as const, id })),
  ]).map(({ kind, id }) => ({ kind, token: flat(letterlockKeys.issue({ mode: 'live', keyId: id }).token) }))
  const verifier = await openVerifier(closers, { connectionString: database.connectionString, peppers, max: 1 })

  console.log(`load average: ${loadavg().map((load) => load.toFixed(2)).join(' ')}; ${perClass.toLocaleString('en')} of each class`)
  await measure(verifier, present(Math.min(2_000, perClass))) // warm-up
  const { reads } = verifier.state()
  const cold = await measure(verifier, present(perClass))
  const didRead = verifier.state().reads - reads
  const isColdBlind = report(`every token for the first time: ${didRead.toLocaleString('en')} reads of the database`, cold)

  const known = present(repeatedTokens)
  await measure(verifier, known)
  const before = verifier.state().refusedHits
  const repeated: Measured[] = []
  for (let round = 0; round < perClass / repeatedTokens; round++) repeated.push(...(await measure(verifier, shuffled(known))))
  const remembered = verifier.state().refusedHits - before
  const isRepeatBlind = report(`tokens seen before: ${remembered.toLocaleString('en')} answered from memory`, repeated)
  if (didRead < cold.length || remembered < repeated.length) throw new Error('the answers did not come from where they should')
  if (!isColdBlind || !isRepeatBlind) process.exitCode = 1
})

interface Measured {
  readonly kind: Class
  readonly ns: number
}

/** One after the other; the loop turns before each hundredth, so that polls are answered. */
async function measure(verifier: Verifier, presented: readonly Presented[]): Promise<Measured[]> {
  const measured: Measured[] = []
  globalThis.gc?.()
  for (const [index, { kind, token }] of presented.entries()) {
    if (index % 100 === 0) await turn()
    const request = { key: token, ...ask }
    const startedAt = process.hrtime.bigint()
    const answer = verifier.verify(request)
    const outcome = answer instanceof Promise ? await answer : answer
    const ns = Number(process.hrtime.bigint() - startedAt)
    if (outcome.code !== 'invalid_key') throw new Error(`${kind} was answered ${outcome.code}`)
    measured.push({ kind, ns })
  }
  return measured
}

/** Prints the classes and the t of each pair; whether none tells them apart. */
function report(title: string, measured: readonly Measured[]): boolean {
  console.log(`\n${title}`)
  const sorted = measured.map(({ ns }) => ns).toSorted((a, b) => a - b)
  const of = (kind: Class, percentile: number): number[] => {
    const highest = sorted[Math.ceil((sorted.length * percentile) / 100) - 1] ?? NaN
    return measured.filter((each) => each.kind === kind && each.ns <= highest).map(({ ns }) => ns)
  }
  for (const kind of new Set(pairs.flat())) {
    const times = of(kind, 100).toSorted((a, b) => a - b)
    const mean = of(kind, 95).reduce((sum, ns) => sum + ns, 0) / of(kind, 95).length
    console.log(`${kind}: n ${times.length}, median ${micros(times[times.length >> 1])}, mean below the 95th percentile ${micros(mean)}`)
  }
  const largest = pairs.map(([a, b]) => {
    const ts = percentiles.map((percentile) => welchT(of(a, percentile), of(b, percentile)))
    const worst = Math.max(...ts.map(Math.abs))
    console.log(`${a} − ${b}: ${percentiles.map((percentile, i) => `t${percentile} ${ts[i]?.toFixed(2)}`).join(', ')}; largest |t| ${worst.toFixed(2)} ${worst < limit ? '<' : '≥'} ${limit}`)
    return worst
  })
  return largest.every((t) => t < limit)
}

function micros(ns = NaN): string {
  return `${(ns / 1_000).toFixed(2)} µs`
}

/** When an id was made: its first 10 characters, base32. */
function timeOf(id: string): number {
  return id.slice(4, 14).split('').reduce((ms, digit) => ms * 32 + '0123456789abcdefghjkmnpqrstvwxyz'.indexOf(digit), 0)
}

/** A string as a header is one: in one piece, not a sum of pieces. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

function shuffled<T>(items: readonly T[]): T[] {
  const all = [...items]
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[all[i], all[j]] = [all[j] as T, all[i] as T] // both in range
  }
  return all
}
