import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster } from '@letterlock/db/cluster'
import { afterEach, expect, test } from 'vitest'
import { createSite, runToExit, type Site, startServerProcess } from './server-process.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function site(environment: Record<string, string> = {}): Promise<Site> {
  const created = await createSite(environment)
  closers.push(created.remove)
  return created
}

/** The server ended by itself with one clear line and no stack. */
async function expectRefusal(at: Site, line: RegExp) {
  const { code, output } = await runToExit(at)
  expect(code).toBe(1)
  const lines = output.trim().split('\n').filter((text) => !text.startsWith('{'))
  expect(lines, output).toHaveLength(1)
  expect(lines[0]).toMatch(line)
  expect(output).not.toContain('    at ')
}

test.each(['LETTERLOCK_API_PORT', 'LETTERLOCK_MANAGEMENT_PORT', 'LETTERLOCK_SMTP_PORT'])('a port in use names %s', async (variable) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  closers.push(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address ? String(address.port) : ''
  await expectRefusal(await site({ [variable]: port }), new RegExp(`^Port 127.0.0.1:${port} is in use\\. .*${variable}`))
})

test('a data directory that cannot be written is named', async () => {
  const readOnly = process.getuid?.() === 0 ? '/sys/kernel/letterlock' : mkdtempSync(join(tmpdir(), 'letterlock-ro-'))
  if (readOnly.startsWith(tmpdir())) {
    chmodSync(readOnly, 0o500)
    closers.push(() => rmSync(readOnly, { recursive: true }))
  }
  await expectRefusal(await site({ LETTERLOCK_DATA_DIR: join(readOnly, 'data') }), /^Cannot write to the data directory .*LETTERLOCK_DATA_DIR/)
})

test('an unreachable database is named without its password', async () => {
  const at = await site({ DATABASE_URL: 'postgres://letterlock:opensesame@127.0.0.1:1/letterlock' })
  await expectRefusal(at, /^Cannot use PostgreSQL at 127\.0\.0\.1:1\/letterlock as letterlock: .*DATABASE_URL/)
  expect((await runToExit(at)).output).not.toContain('opensesame')
})

test('a wrong password and a database that is not there are named', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'letterlock-e2e-pg-'))
  const cluster = await startCluster({ dataDir, durable: false, log: () => undefined })
  closers.push(async () => {
    await cluster.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  const wrong = new URL(cluster.connectionString('postgres'))
  wrong.password = 'opensesame'
  await expectRefusal(await site({ DATABASE_URL: wrong.href }), /password authentication failed.*DATABASE_URL/)
  await expectRefusal(await site({ DATABASE_URL: cluster.connectionString('nowhere') }), /database "nowhere" does not exist.*DATABASE_URL/)
})

test('an unknown setting and a missing pepper are named', async () => {
  await expectRefusal(await site({ LETTERLOCK_API_PROT: '1' }), /did you mean LETTERLOCK_API_PORT\?/)
  const { code, output } = await runToExit(await site({ LETTERLOCK_ENV: 'production' }))
  expect(code).toBe(1)
  expect(output.trim().split('\n')).toHaveLength(3)
})

test('a second server on the same data directory is refused, the first goes on', async () => {
  const first = await site()
  const server = await startServerProcess(first)
  closers.push(() => server.kill('SIGTERM'))
  const second = await site({ LETTERLOCK_DATA_DIR: first.dataDir })
  await expectRefusal(second, /data directory/i)
  expect((await fetch(`${server.dev().managementUrl}/readyz`)).status).toBe(200)
})
