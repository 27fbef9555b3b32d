// Checks per second of the API-key plugin of better-auth and of ours, in this process, on the same PostgreSQL, whose
// commits wait for the disk; and what an expired key leaves behind after it was checked.
import { newId } from '@letterlock/contract'
import type { Outcome, UsageBuffer, Verifier } from '@letterlock/verifier'
import { compare, type Side } from './compare.ts'
import { inParallel } from './in-parallel.ts'
import { ask, createKeyDatabase, type Key, type KeyDatabase, peppers, startPostgres } from './key-database.ts'
import { openUsage } from './open-usage.ts'
import { openVerifier } from './open-verifier.ts'
import { type BetterAuthKeys, openBetterAuth } from './peers/better-auth-keys.ts'
import { openPointLookUps } from './point-look-ups.ts'
import { withSurroundings } from './surroundings.ts'

const keyCount = 1_000
const connections = 8
const rounds = 3

await withSurroundings(async (closers) => {
  const { cluster, pids } = await startPostgres(closers, { durable: true })
  const database = await createKeyDatabase(closers, cluster, 'letterlock')
  const { connectionString } = database
  const keys = await database.issue(keyCount)
  await database.settle()
  const usage = openUsage(closers, connectionString)
  const warm = await openVerifier(closers, { connectionString, peppers, max: connections })
  const cold = await openVerifier(closers, { connectionString, peppers, max: connections, maxKeys: 1 })
  const lookUp = openPointLookUps(closers, { connectionString, max: connections })

  await cluster.ensureDatabase('better_auth')
  const forBetterAuth = { connectionString: cluster.connectionString('better_auth'), max: connections }
  const shipped = await openBetterAuth(closers, forBetterAuth)
  const deferred = await openBetterAuth(closers, { ...forBetterAuth, plugin: { deferUpdates: true } })
  const inMap = await openBetterAuth(closers, {
    ...forBetterAuth, plugin: { storage: 'secondary-storage', customStorage: mapStorage(), deferUpdates: true },
  })

  const ours = (name: string, verifier: Verifier, count: number): Side => ({ name, run: () => (
    inParallel(inTurn(keys, count), { concurrency: connections }, (key) => check({ verifier, usage }, key))) })
  const theirs = async (name: string, { createKeys, verify }: BetterAuthKeys, { of = keyCount, count }: { of?: number; count: number }): Promise<Side> => {
    const made = await createKeys(of)
    return { name, run: () => inParallel(inTurn(made, count), { concurrency: connections }, async (key) => {
      if (!(await verify(key))) throw new Error(`${name}: a good key was refused`)
    }) }
  }
  const common = { unit: 'checks', rounds, processes: { 'this process': () => [process.pid], PostgreSQL: pids } }
  const asShipped = await theirs('better-auth', shipped, { count: 1_000 })

  console.log(`${keyCount} keys in turn unless it says one; ${connections} connections and as many checks at once on each side; durable commits`)
  console.log('\nevery check reads the database (ours: no cache; usage recorded on our side, as everywhere)')
  await compare({
    ...common,
    subject: ours('Letterlock, cold', cold, 10_000),
    peers: [
      await theirs('better-auth, one key', shipped, { of: 1, count: 500 }),
      asShipped,
      { name: 'prepared look-up', run: () => inParallel(inTurn(keys, 10_000), { concurrency: connections }, ({ id }) => lookUp(id)) },
    ],
  })
  console.log('\neach as fast as it can be made')
  await compare({
    ...common,
    subject: ours('Letterlock, warm', warm, 200_000),
    peers: [
      asShipped,
      await theirs('better-auth with deferUpdates', deferred, { count: 1_000 }),
      await theirs('better-auth with deferUpdates and its keys in a Map, none in PostgreSQL', inMap, { count: 5_000 }),
    ],
  })
  console.log('\nan expired key is checked')
  await compareHistory({ database, verifier: warm, betterAuth: shipped })
})

type Ours = { readonly verifier: Verifier; readonly usage: UsageBuffer }

function check({ verifier, usage }: Ours, { token }: Key): Promise<void> | void {
  const outcome = verifier.verify({ key: token, ...ask })
  return outcome instanceof Promise ? outcome.then((late) => record(usage, late)) : record(usage, outcome)
}

function record(usage: UsageBuffer, outcome: Outcome): void {
  if (outcome.code !== 'ok') throw new Error(`a good key was answered ${outcome.code}`)
  const { keyId, environmentId } = outcome.record
  if (environmentId === null) throw new Error('a live key has no environment')
  usage.record({
    requestId: newId('request'), key: { keyId, environmentId }, secretVersion: outcome.secretVersion, operation: 'benchmark',
    outcome: 'ok', status: 200, now: new Date(), durationMs: 1, ip: ask.ip, userAgent: null,
  })
}

function inTurn<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => items[i % items.length] as T) // never empty
}

/** The fastest secondary storage there can be: no network, no other process. */
function mapStorage() {
  const entries = new Map<string, string>()
  return {
    get: (key: string) => entries.get(key) ?? null,
    set: (key: string, value: string) => void entries.set(key, value),
    delete: (key: string) => void entries.delete(key),
    getAndDelete: () => notAsked('getAndDelete'),
    increment: () => notAsked('increment'),
  }
}

function notAsked(what: string): never {
  throw new Error(`better-auth asks for ${what} now; write it`)
}

/** What is left of a key that had expired when it was checked. */
async function compareHistory({ database, verifier, betterAuth }: { database: KeyDatabase; verifier: Verifier; betterAuth: BetterAuthKeys }): Promise<void> {
  const { createKeys, verify, pool } = betterAuth
  const [theirs = ''] = await createKeys(1)
  const theirRows = () => count(pool, 'select count(*) from apikey where "expiresAt" < now()')
  await pool.query(`update apikey set "expiresAt" = now() - interval '1 minute' where "createdAt" = (select max("createdAt") from apikey)`)
  const theirsBefore = await theirRows()
  const isValid = await verify(theirs)
  console.log(`better-auth: valid ${isValid}; rows of it before ${theirsBefore}, after ${await theirRows()}`)

  const [ours] = await database.issue(1, 'expired')
  if (!ours) throw new Error('no key was issued')
  const ourRows = () => count(database.client, 'select count(*) from keys join key_secrets on key_id = id where id = $1', [ours.id])
  const before = await ourRows()
  const { code } = await verifier.verify({ key: ours.token, ...ask })
  console.log(`Letterlock: ${code}; rows of it before ${before}, after ${await ourRows()}`)
  if (isValid || code !== 'expired_key' || (await ourRows()) !== before) throw new Error('an expired key was let in, or lost')
}

interface Queryable {
  readonly query: (text: string, values?: unknown[]) => Promise<{ rows: { count: string }[] }>
}

async function count(on: Queryable, query: string, values: unknown[] = []): Promise<number> {
  const { rows } = await on.query(query, values)
  return Number(rows[0]?.count)
}
