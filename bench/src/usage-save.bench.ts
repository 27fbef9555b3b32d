// A second's usage of 20 000 requests, saved as the server saves it, against COPY of the same records into a bare table.
import { newId } from '@letterlock/contract'
import { connect, migrate, usage } from '@letterlock/db'
import { startCluster } from '@letterlock/db/cluster'
import { createSite, postmasterPid } from '@letterlock/e2e/server-process'
import { type RecordedUse, UsageBuffer } from '@letterlock/verifier'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { Client } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { compare } from './compare.ts'
import { withChildren } from './cpu-time.ts'
import type { Run } from './run.ts'
import { withSurroundings } from './surroundings.ts'

const perSecond = 20_000
const rounds = 5
const keys = Array.from({ length: 500 }, () => ({ keyId: newId('key'), environmentId: newId('environment') }))
const operations = ['contacts.get', 'contacts.list', 'contacts.create', 'emails.send']
const isMissing = (index: number) => index % 11 === 0
const start = Date.parse('2026-11-22T09:30:00.000Z')

await withSurroundings(async (closers) => {
  const site = await createSite()
  closers.defer(site.remove)
  const cluster = await startCluster({ dataDir: site.dataDir, log: () => undefined })
  closers.defer(() => cluster.stop())
  await cluster.ensureDatabase('letterlock')
  const connectionString = cluster.connectionString('letterlock')
  const db = connect({ connectionString, max: 2, applicationName: 'bench' })
  closers.defer(() => db.destroy())
  await migrate(db)
  await usage.createPartitionsAhead(db, new Date(start))
  const postgres = new Client({ connectionString })
  await postgres.connect()
  closers.defer(() => postgres.end())
  await postgres.query('create table requests_copied (like usage_requests)')

  const seconds = Array.from({ length: rounds + 1 }, (_, second) => usesOf(second))
  const costs: { recordNs: number; flushCpuMs: number; counts: number }[] = []
  const usageBuffer = new UsageBuffer({
    save: async (batch) => {
      await db.transaction().execute((tx) => usage.saveUsageBatch(tx, { ...batch, now: new Date(start) }))
    },
    newBatchId: () => newId('request'),
  })

  let second = 0
  const save = async (): Promise<Run> => {
    const uses = seconds[second++] ?? []
    const recordingSince = performance.now()
    for (const use of uses) usageBuffer.record(use)
    const recordNs = ((performance.now() - recordingSince) * 1e6) / uses.length
    const { counts } = usageBuffer.state()
    const cpuBefore = process.cpuUsage()
    const run = await timed(() => usageBuffer.flush())
    const { user, system } = process.cpuUsage(cpuBefore)
    costs.push({ recordNs, flushCpuMs: (user + system) / 1_000, counts })
    return run
  }
  /** The rows that the round before it made. */
  const copy = async (): Promise<Run> => {
    const [from, to] = [start + (second - 1) * 1_000, start + second * 1_000].map((time) => new Date(time).toISOString())
    const rows = await buffer(postgres.query(copyTo(`copy (select * from usage_requests where at >= '${from}' and at < '${to}') to stdout`)))
    const run = await timed(() => pipeline(Readable.from([rows]), postgres.query(copyFrom('copy requests_copied from stdin'))))
    const { rows: [count] } = await postgres.query<{ same: boolean }>('select (select count(*) from usage_requests) = (select count(*) from requests_copied) as same')
    if (!count?.same) throw new Error('COPY wrote another number of rows')
    return run
  }

  console.log(`${perSecond} requests a round, of ${keys.length} keys, saved in one batch`)
  const postmaster = () => postmasterPid(site)
  await compare({
    unit: 'requests', rounds,
    subject: { name: 'usage batch', run: save },
    peers: [{ name: 'COPY', run: copy }],
    processes: { PostgreSQL: () => withChildren(postmaster() ?? 0) },
  })
  const median = (of: (cost: (typeof costs)[number]) => number) => costs.slice(1).map(of).sort((a, b) => a - b)[rounds >> 1] ?? NaN
  console.log(`record(): ${Math.round(median(({ recordNs }) => recordNs))} ns; CPU of the process for one flush: ${
    median(({ flushCpuMs }) => flushCpuMs).toFixed(1)} ms; counters in it: ${median(({ counts }) => counts)}`)
})

function usesOf(second: number): RecordedUse[] {
  return Array.from({ length: perSecond }, (_, index) => ({
    requestId: newId('request'),
    key: keys[(index * 7_919) % keys.length] ?? null,
    secretVersion: 1,
    operation: operations[(index * 31 >> 4) % operations.length] ?? '',
    outcome: isMissing(index) ? 'not_found' : 'ok',
    status: isMissing(index) ? 404 : 200,
    now: new Date(start + second * 1_000 + Math.floor((index * 1_000) / perSecond)),
    durationMs: 0.5 + (index % 997) / 100,
    ip: `198.51.100.${index % 250}`,
    userAgent: 'letterlock-js/1.4.2 (node/26.1.0; linux x64)',
  }))
}

async function timed(work: () => Promise<unknown>): Promise<Run> {
  const startedAt = performance.now()
  await work()
  return { count: perSecond, seconds: (performance.now() - startedAt) / 1_000 }
}
