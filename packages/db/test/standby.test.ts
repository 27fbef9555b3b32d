import { newId } from '@letterlock/contract'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Cluster, startCluster } from '../src/cluster.ts'
import { connect } from '../src/connect.ts'
import { openChangeFeed } from '../src/change-feed.ts'
import { openKeyStore } from '../src/key-store.ts'
import { migrate } from '../src/migrate.ts'
import * as revisions from '../src/revisions.ts'
import '../src/testing/provided-context.ts'

const binDir = inject('letterlockPostgresBinDir')
const dataDir = mkdtempSync(join(tmpdir(), 'letterlock-standby-'))
const start = () => startCluster({ dataDir, durable: false, log: () => {}, ...(binDir && { binDir }) })
const applicationName = 'standby-test'

// a primary that was stopped and comes back as a standby, as after a switchover; it hears of no change any more
let standby: Cluster
let connectionString = ''
beforeAll(async () => {
  const primary = await start()
  await migrate(primary.connectionString('postgres'))
  await primary.stop()
  writeFileSync(join(dataDir, 'postgres', 'standby.signal'), '')
  standby = await start()
  connectionString = standby.connectionString('postgres')
})
afterAll(async () => {
  await standby.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

test('openKeyStore() reads no key from a standby', async () => {
  const store = openKeyStore({ connectionString, max: 1, applicationName })
  await expect(store.readKey(newId('key'))).rejects.toThrow('standby')
  await store.close()
})

test('openChangeFeed() believes no standby that nothing changed', async () => {
  const feed = openChangeFeed({ connectionString, applicationName })
  await expect(feed.poll(0, new AbortController().signal)).rejects.toThrow(/standby|during recovery/)
  await feed.close()
})

test('listChanges() believes no standby that nothing changed', async () => {
  const db = connect({ connectionString, max: 1, applicationName })
  await expect(revisions.listChanges(db, 0)).rejects.toThrow('standby')
  await db.destroy()
})
