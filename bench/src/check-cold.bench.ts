// Keys that no cache has seen, each checked once through the whole verifier, against bare prepared look-ups of such keys.
import type { Verifier } from '@letterlock/verifier'
import { compare } from './compare.ts'
import { inParallel } from './in-parallel.ts'
import { ask, createKeyDatabase, peppers, startPostgres } from './key-database.ts'
import { openVerifier } from './open-verifier.ts'
import { openPointLookUps } from './point-look-ups.ts'
import { withSurroundings } from './surroundings.ts'

const perRound = 10_000
const rounds = 7
const connections = 8

await withSurroundings(async (closers) => {
  const { cluster, pids } = await startPostgres(closers, { durable: false })
  const database = await createKeyDatabase(closers, cluster, 'letterlock')
  const keys = await database.issue(perRound * (rounds + 1) * 2)
  await database.settle()
  const { connectionString } = database
  const verifier = await openVerifier(closers, { connectionString, peppers, max: connections })
  const lookUp = openPointLookUps(closers, { connectionString, max: connections })
  const next = () => keys.splice(0, perRound)

  console.log(`${perRound} keys a round, each used once; ${connections} connections and as many checks at once; 20 scopes, 2 ranges, 2 limits`)
  await compare({
    unit: 'checks', rounds,
    subject: { name: 'verify', run: () => inParallel(next(), { concurrency: connections }, ({ token }) => check(verifier, token)) },
    peers: [{ name: 'prepared look-up', run: () => inParallel(next(), { concurrency: connections }, ({ id }) => lookUp(id)) }],
    processes: { 'this process': () => [process.pid], PostgreSQL: pids },
  })
  const { hits, reads } = verifier.state()
  console.log(`of the checks ${reads} read from the database, ${hits} did not`)
})

async function check(verifier: Verifier, key: string): Promise<void> {
  const { code } = await verifier.verify({ key, ...ask })
  if (code !== 'ok') throw new Error(`a good key was answered ${code}`)
}
