// A check that reads, with 10 keys in the table and with 5 million: both tables in one PostgreSQL, turn by turn.
import type { Verifier } from '@letterlock/verifier'
import { readFileSync } from 'node:fs'
import { compare, type Side } from './compare.ts'
import { inParallel } from './in-parallel.ts'
import { ask, createKeyDatabase, type Key, type KeyDatabase, peppers, startPostgres } from './key-database.ts'
import { openVerifier } from './open-verifier.ts'
import { withSurroundings } from './surroundings.ts'

const few = 10
const many = Number(process.env['BENCH_KEYS'] ?? 5_000_000)
const perRound = 10_000
const rounds = 9
const connections = 5 // each worker alternates between two of the ten keys, so that no check can use another's read

/** The statement of the checks, as the tests of @letterlock/db prove that it is sent. */
const statement = readFileSync(new URL('../../packages/db/sql-snapshots/key-store.sql', import.meta.url), 'utf8').split(';')[0]

/** Of the connections that it is sent on. */
const settings = [
  'plan_cache_mode = force_generic_plan', 'enable_seqscan = off', 'enable_sort = off',
  'enable_hashjoin = off', 'enable_mergejoin = off', 'enable_memoize = off', 'enable_material = off',
]

await withSurroundings(async (closers) => {
  const { cluster, pids } = await startPostgres(closers, { durable: false })
  const small = await createKeyDatabase(closers, cluster, 'few')
  const fewKeys = await small.issue(few)
  await small.settle()

  const startedAt = performance.now()
  const large = await createKeyDatabase(closers, cluster, 'many')
  await large.fill(many - perRound)
  const manyKeys = await large.issue(perRound)
  await large.settle()
  const size = await sizeOf(large)
  console.log(`${many.toLocaleString('en')} keys (${size}) were made in ${Math.round((performance.now() - startedAt) / 1_000)} s; ${perRound.toLocaleString('en')} of them, all over the table, are checked`)

  const sideOf = async (name: string, { connectionString }: KeyDatabase, keys: readonly Key[]): Promise<Side> => {
    const verifier = await openVerifier(closers, { connectionString, peppers, max: connections, maxKeys: 1 })
    return { name, run: async () => {
      const before = verifier.state().reads
      const run = await inParallel(Array.from({ length: perRound }, (_, i) => keys[i % keys.length] as Key), { concurrency: connections }, ({ token }) => check(verifier, token))
      const reads = verifier.state().reads - before
      if (reads < perRound) throw new Error(`${name}: only ${reads} of ${perRound} checks read the table`)
      return run
    } }
  }
  await compare({
    unit: 'checks', rounds,
    subject: await sideOf(`${many.toLocaleString('en')} keys`, large, manyKeys),
    peers: [await sideOf(`${few} keys`, small, fewKeys)],
    processes: { 'this process': () => [process.pid], PostgreSQL: pids },
  })
  await explain('few', small, fewKeys[0])
  await explain('many', large, manyKeys[0])
})

async function check(verifier: Verifier, key: string): Promise<void> {
  const { code } = await verifier.verify({ key, ...ask })
  if (code !== 'ok') throw new Error(`a good key was answered ${code}`)
}

async function sizeOf({ client }: KeyDatabase): Promise<string> {
  const { rows } = await client.query<{ size: string }>(`select pg_size_pretty(pg_total_relation_size('keys') + pg_total_relation_size('key_secrets')) as size`)
  return rows[0]?.size ?? ''
}

/** Its plan, with the settings of the checks' connections. */
async function explain(name: string, { client }: KeyDatabase, key: Key | undefined): Promise<void> {
  for (const setting of settings) await client.query(`set ${setting}`)
  await client.query(`prepare check_${name} as ${statement}`)
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers) execute check_${name}('{${key?.id}}')`)
  console.log(`\nplan with ${name} keys:\n${rows.map((row) => row['QUERY PLAN']).join('\n')}`)
}
