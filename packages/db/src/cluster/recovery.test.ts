import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  acknowledge,
  acknowledgeQuietly,
  acknowledged,
  copyOfPristine,
  kill,
  lineOf,
  locksIn,
  own,
  ownAndKill,
  postmasterIn,
  query,
  spawnOwner,
  start,
} from '../../test/cluster-rig.ts'
import { isPostgresOf, processesIn } from './process-table.ts'
import type { ClusterEvent } from './cluster-event.ts'

test('startCluster() refuses a second owner, in another process and in this one', async () => {
  const dataDir = copyOfPristine()
  const cluster = await start(dataDir)
  await expect(start(dataDir)).rejects.toMatchObject({ code: 'data_dir_in_use' })
  const other = await own(dataDir)
  expect(other).toMatchObject({ event: 'refused', name: 'ClusterError', code: 'data_dir_in_use' })
  expect(other.message).toContain(`process ${process.pid}`)
  await query(cluster.connectionString('postgres'), 'select 1')
})

test('startCluster() stops the orphan of a killed owner and has all acknowledged data', async () => {
  const dataDir = copyOfPristine()
  const url = await ownAndKill(dataDir, [1, 2, 3])
  expect(await acknowledgeQuietly(url, 4)).toBe(true) // the orphan still answers
  const [orphan] = readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')
  const events: ClusterEvent[] = []
  const cluster = await start(dataDir, { log: (event) => events.push(event) })
  expect(events).toContainEqual({ event: 'orphan_stopped', pid: Number(orphan) })
  expect(isPostgresOf(Number(orphan), join(dataDir, 'postgres'))).toBe(false)
  expect(await acknowledged(cluster)).toEqual([1, 2, 3, 4])
  expect(locksIn(dataDir)).toHaveLength(1)
})

test('startCluster() recovers when owner and PostgreSQL were killed, a busy session included', async () => {
  const dataDir = copyOfPristine()
  const postgres = join(dataDir, 'postgres')
  const owner = spawnOwner(dataDir)
  const { url } = await lineOf(owner, ['owned'])
  await acknowledge(url, 1, 2, 3)
  const busy = query(url, 'select count(*) from generate_series(1, 1e12)').catch(() => 'lost')
  const seesIt = "select 1 from pg_stat_activity where query like '%1e12%'" // itself and the busy one
  await expect.poll(() => query(url, seesIt), { timeout: 10_000 }).toHaveLength(2)
  const postmaster = postmasterIn(postgres)
  await kill(owner)
  process.kill(postmaster, 'SIGKILL')
  const cluster = await start(dataDir)
  expect(await busy).toBe('lost')
  expect(await acknowledged(cluster)).toEqual([1, 2, 3])
})

test('startCluster() is not blocked by a postmaster.pid that names a dead process or a stranger', async () => {
  const dataDir = copyOfPristine()
  const { uid } = statSync(join(dataDir, 'postgres'))
  // Of the same user, so that PostgreSQL would believe the file.
  const stranger = spawn('sleep', ['60'], { uid })
  for (const pid of [stranger.pid, 4_194_303]) {
    const text = `${pid}\n${dataDir}/postgres\n1700000000\n5432\n\n127.0.0.1\n`
    writeFileSync(join(dataDir, 'postgres/postmaster.pid'), text)
    const cluster = await start(dataDir)
    await cluster.stop()
  }
  expect(stranger.exitCode).toBe(null)
  await kill(stranger)
})

test('a cluster whose PostgreSQL is killed comes back on the same port with its data', async () => {
  const dataDir = copyOfPristine()
  const events: ClusterEvent[] = []
  const cluster = await start(dataDir, { log: (event) => events.push(event) })
  const url = cluster.connectionString('postgres')
  await acknowledge(url, 7)
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const exit = new Promise((resolve) => cluster.onExit(resolve))
    process.kill(postmasterIn(join(dataDir, 'postgres')), signal)
    await exit
    await expect.poll(() => query(url, 'select n from acknowledged'), { timeout: 10_000 }).toEqual([{ n: 7 }])
  }
  expect(events.filter(({ event }) => event === 'exited')).toHaveLength(2)
  expect(events.filter(({ event }) => event === 'started')).toHaveLength(3)
})

test('Cluster.stop() during a restart ends for good', async () => {
  const dataDir = copyOfPristine()
  const cluster = await start(dataDir)
  const exit = new Promise((resolve) => cluster.onExit(resolve))
  process.kill(postmasterIn(join(dataDir, 'postgres')), 'SIGKILL')
  await exit
  await cluster.stop()
  expect(processesIn(join(dataDir, 'postgres'))).toEqual([])
  expect(locksIn(dataDir)).toEqual([])
})

test('PostgreSQL is in a process group of its own, out of reach of Ctrl-C', async () => {
  const dataDir = copyOfPristine()
  await start(dataDir)
  const pid = postmasterIn(join(dataDir, 'postgres'))
  expect(execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }).trim()).toBe(String(pid))
})
