// POST /v1/contacts/batch through the SDK against COPY of the same final rows into a table like that of contacts.
import { startCluster } from '@letterlock/db/cluster'
import { createSite } from '@letterlock/e2e/server-process'
import { Letterlock } from 'letterlock'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { Client } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { compare } from './compare.ts'
import type { Run } from './run.ts'
import { startPlatform, withSurroundings } from './surroundings.ts'

const perRound = 20_000
const perCall = 1_000
const rounds = 5

await withSurroundings(async (closers) => {
  const site = await createSite()
  closers.defer(site.remove)
  const cluster = await startCluster({ dataDir: site.dataDir, log: () => undefined })
  closers.defer(() => cluster.stop())
  await cluster.ensureDatabase('letterlock')
  const connectionString = cluster.connectionString('letterlock')
  const platform = await startPlatform(closers, { site: { ...site, environment: { ...site.environment, DATABASE_URL: connectionString } } })
  const { apiUrl, liveKey } = platform.server.dev()
  const client = new Letterlock({ apiKey: liveKey, baseUrl: apiUrl })
  const postgres = new Client({ connectionString })
  await postgres.connect()
  closers.defer(() => postgres.end())
  await postgres.query('create table contacts_copied (like contacts including all)')

  let round = 0
  const load = async (): Promise<Run> => {
    round++
    const batches = Array.from({ length: perRound / perCall }, (_, batch) => contactsOf(round, batch))
    return timed(async () => {
      for (const contacts of batches) {
        const { data } = await client.contacts.batch({ contacts })
        if (!data.every(({ status }) => status === 201)) throw new Error('a contact was not created')
      }
    })
  }
  /** The rows that the round before it made, ids and times included. */
  const copy = async (): Promise<Run> => {
    const rows = await buffer(postgres.query(copyTo(`copy (select * from contacts where email_key like 'round${round}.%' order by id) to stdout`)))
    const run = await timed(() => pipeline(Readable.from([rows]), postgres.query(copyFrom('copy contacts_copied from stdin'))))
    const { rows: [count] } = await postgres.query<{ same: boolean }>('select (select count(*) from contacts) = (select count(*) from contacts_copied) as same')
    if (!count?.same) throw new Error('COPY wrote another number of rows')
    return run
  }

  console.log(`${perRound} contacts a round, ${perCall} per call, one call after the other; both tables grow alike`)
  await compare({
    unit: 'contacts', rounds,
    subject: { name: 'POST /v1/contacts/batch', run: load },
    peers: [{ name: 'COPY', run: copy }],
    processes: { server: platform.serverPids, PostgreSQL: platform.postgresPids, client: () => [process.pid] },
  })
})

function contactsOf(round: number, batch: number) {
  return Array.from({ length: perCall }, (_, i) => {
    const number = batch * perCall + i
    return {
      email: `round${round}.person${number}@example.com`, firstName: `Person ${number}`, lastName: 'Example',
      properties: { plan: number % 2 === 0 ? 'free' : 'pro', visits: number, newsletter: true },
    }
  })
}

async function timed(work: () => Promise<unknown>): Promise<Run> {
  const startedAt = performance.now()
  await work()
  return { count: perRound, seconds: (performance.now() - startedAt) / 1_000 }
}
