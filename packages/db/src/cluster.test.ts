import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  acknowledge,
  acknowledged,
  binDir,
  copyOfBinaries,
  copyOfPristine,
  kill,
  lineOf,
  locksIn,
  own,
  postmasterIn,
  pristine,
  query,
  root,
  spawnOwner,
  start,
  stopAll,
} from '../test/cluster-rig.ts'
import { findBinaries } from './cluster/binaries.ts'
import { processesIn } from './cluster/process-table.ts'

const isRoot = process.getuid?.() === 0

test('startCluster() makes a UTF-8 cluster, on loopback only and with a password', async () => {
  const dataDir = join(root, 'fresh')
  const cutOff = join(dataDir, 'postgres.init-0123456789ab') // by an initdb that was killed
  mkdirSync(cutOff, { recursive: true, mode: 0o700 })
  const cluster = await start(dataDir, { durable: true })
  expect(existsSync(cutOff)).toBe(false)
  const url = cluster.connectionString('postgres')
  const [row] = await query(
    url,
    `select current_setting('server_encoding') as encoding, current_setting('listen_addresses') as listens,
      current_setting('unix_socket_directories') as sockets, current_setting('fsync') as fsync, lower('Ä') as lower`,
  )
  expect(row).toEqual({ encoding: 'UTF8', listens: '127.0.0.1', sockets: '', fsync: 'on', lower: 'ä' })
  await expect(query(url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({ code: '28P01' })
  expect(statSync(join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600)
})

test('Cluster.ensureDatabase() creates a database once', async () => {
  const cluster = await start(copyOfPristine(), { durable: false })
  await cluster.ensureDatabase('letterlock')
  await cluster.ensureDatabase('letterlock')
  expect(await query(cluster.connectionString('letterlock'), 'select current_database() as name')).toEqual([
    { name: 'letterlock' },
  ])
})

test('Cluster.stop() ends PostgreSQL, keeps the data and gives the directory free', async () => {
  const dataDir = copyOfPristine()
  const first = await start(dataDir)
  await acknowledge(first.connectionString('postgres'), 1)
  await first.stop()
  expect(processesIn(join(dataDir, 'postgres'))).toEqual([])
  expect(locksIn(dataDir)).toEqual([])
  const second = await start(dataDir)
  expect(await acknowledged(second)).toEqual([1])
})

test('startCluster() listens on the port it is given and names it when it is taken', async () => {
  const stranger = createServer()
  stranger.listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  const { port } = stranger.address() as { port: number }
  const dataDir = copyOfPristine()
  await expect(start(dataDir, { port })).rejects.toMatchObject({
    code: 'port_in_use',
    message: expect.stringContaining(`Port ${port} `),
  })
  stranger.close()
  await once(stranger, 'close')
  expect((await start(dataDir, { port })).port).toBe(port)
})

test('startCluster() says in one line that a directory cannot be written', async () => {
  writeFileSync(join(root, 'file'), '')
  const attempt = start(join(root, 'file', 'data'))
  await expect(attempt).rejects.toMatchObject({ code: 'data_dir_unwritable' })
  const oneLine = /^The data directory .*file\/data cannot be written .*LETTERLOCK_DATA_DIR\.$/
  await expect(attempt).rejects.toThrow(oneLine)
})

test.runIf(isRoot)('startCluster() refuses a directory that its user may not write', async () => {
  const foreign = join(root, 'foreign')
  mkdirSync(foreign, { mode: 0o755 })
  expect(await own(foreign, { uid: 65534 })).toMatchObject({ event: 'refused', code: 'data_dir_unwritable' })
  const made = copyOfPristine()
  chmodSync(made, 0o777)
  expect(await own(made, { uid: 65534 })).toMatchObject({ event: 'refused', code: 'data_dir_unwritable' })
})

test.runIf(isRoot)('startCluster() runs, and cleans up, as the user who started it when that is not root', async () => {
  const dataDir = copyOfPristine()
  execFileSync('chown', ['-R', '65534:65534', dataDir])
  const owner = spawnOwner(dataDir, { uid: 65534 })
  expect(await lineOf(owner, ['owned', 'refused'])).toMatchObject({ event: 'owned' })
  await kill(owner)
  expect(await own(dataDir, { uid: 65534 })).toMatchObject({ event: 'owned' })
  expect(statSync(`/proc/${postmasterIn(join(dataDir, 'postgres'))}`).uid).toBe(65534)
})

test('startCluster() passes on why initdb failed', async () => {
  const broken = join(root, 'broken-bin')
  mkdirSync(broken)
  symlinkSync(findBinaries(binDir).postgres, join(broken, 'postgres'))
  const script = '#!/bin/sh\necho "initdb: error: no space left" >&2\nexit 1\n'
  writeFileSync(join(broken, 'initdb'), script, { mode: 0o755 })
  const dataDir = join(root, 'never-made')
  await expect(start(dataDir, { binDir: broken })).rejects.toMatchObject({
    code: 'init_failed',
    message: expect.stringContaining('no space left'),
  })
  expect(readdirSync(dataDir)).toEqual([])
})

test('startCluster() passes on why PostgreSQL did not start', async () => {
  const dataDir = copyOfPristine()
  writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '9.6\n')
  await expect(start(dataDir)).rejects.toMatchObject({
    code: 'start_failed',
    message: expect.stringMatching(/^PostgreSQL did not start: .*incompatible.* See .*postgres\.log\.$/),
    details: expect.stringContaining('FATAL'),
  })
  expect(locksIn(dataDir)).toEqual([])
})

test.runIf(isRoot)('as root, PostgreSQL runs as another user below a directory that only root may enter', async () => {
  const closed = mkdtempSync(join(tmpdir(), 'closed-')) // 0700, as mktemp makes it
  try {
    const bin = binDir ?? copyOfBinaries(closed)
    const dataDir = join(closed, 'clone', '.letterlock')
    mkdirSync(join(closed, 'clone'), { mode: 0o700 })
    const cluster = await start(dataDir, { binDir: bin })
    const postmaster = postmasterIn(join(dataDir, 'postgres'))
    expect(statSync(`/proc/${postmaster}`).uid).not.toBe(0)
    expect(readFileSync(`/proc/${postmaster}/cmdline`, 'utf8')).toContain(bin)
    expect(statSync(dataDir).uid).toBe(0)
    await query(cluster.connectionString('postgres'), 'create table t as select 1 as n')
    process.kill(postmaster, 'SIGKILL')
    await expect
      .poll(() => query(cluster.connectionString('postgres'), 'select n from t'), { timeout: 10_000 })
      .toEqual([{ n: 1 }])
    await cluster.stop()
  } finally {
    await stopAll()
    rmSync(closed, { recursive: true, force: true })
  }
})

test.runIf(isRoot)('as root, startCluster() takes a cluster that was copied by root', async () => {
  const dataDir = join(root, 'copied-by-root')
  cpSync(pristine, dataDir, { recursive: true })
  expect(statSync(join(dataDir, 'postgres')).uid).toBe(0)
  expect(await acknowledged(await start(dataDir))).toEqual([])
})
