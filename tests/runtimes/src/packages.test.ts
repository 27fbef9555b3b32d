/** Every published package, installed from its tarball, does its work on the runtimes it is meant for. */
import { letterlockKeys } from '@letterlock/keys'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, inject, test } from 'vitest'
import { publishedPackages } from './packed-packages.ts'
import { bundle, resultIn, run, runInBrowser, runInTerminal, runInWorker } from './run-in-runtime.ts'
import { mayBeSkipped, programOf } from './runtimes.ts'

const place = { folder: inject('folder'), environment: inject('environment') }
const terminals = ['Node 20', 'Node 22', 'Node 24', 'Node 26', 'Bun', 'Deno']
const fromNode22 = terminals.filter((runtime) => runtime !== 'Node 20')

const used = {
  client: { name: 'Readers', scopes: ['lists:read', 'lists:write'], type: 'contact.deleted' },
  admin: { names: ['CRM'] },
  verifier: { codes: ['ok', 'invalid_key'], doors: ['function', 'function', 'function'] },
  testing: { status: 404, lists: ['Once'], code: 'expired_key', deliveries: [['key.expired', 204]] },
  contract: { isId: true, accepted: true, openapi: '3.1.0', undescribed: 0 },
}

/** What each package is tried by: here, or by the name of the test that does. */
const trials: Readonly<Record<string, { program: keyof typeof used; runtimes: readonly string[] } | string>> = {
  letterlock: { program: 'client', runtimes: terminals },
  '@letterlock/admin': { program: 'admin', runtimes: terminals },
  '@letterlock/contract': { program: 'contract', runtimes: fromNode22 },
  '@letterlock/verifier': { program: 'verifier', runtimes: fromNode22 },
  '@letterlock/testing': { program: 'testing', runtimes: fromNode22 },
  '@letterlock/cli': 'the command letterlock',
  '@letterlock/keys': 'vectors.test.ts',
}

test('every published package is tried', () => {
  expect(Object.keys(trials).sort()).toEqual(publishedPackages.map(({ manifest }) => manifest.name).sort())
})

for (const [name, trial] of Object.entries(trials)) {
  if (typeof trial === 'string') continue
  const { program, runtimes } = trial
  describe(`${name} does its work`, () => {
    for (const runtime of runtimes) {
      test.skipIf(mayBeSkipped(runtime))(`on ${runtime}`, async () => {
        expect(resultIn(await runInTerminal(place, runtime, ['use-in-terminal.mjs', program]), 'used')).toEqual(used[program])
      })
    }
  })
}

describe('the clients and the contract do their work', () => {
  test.skipIf(mayBeSkipped('workerd'))('on workerd', async () => {
    const { client, admin, contract } = used
    expect(resultIn(await runInWorker(place, 'use-in-worker.mjs'), 'used')).toEqual({ client, admin, contract })
  })
})

describe('the clients refuse a browser, the contract works in one', () => {
  test.skipIf(mayBeSkipped('Chromium'))('on Chromium', async () => {
    const expected = { refused: ['in_browser', 'in_browser'], isLetterlockError: 'function', contract: used.contract }
    expect(resultIn(await runInBrowser({ folder: place.folder }, 'use-in-browser.mjs'), 'used')).toEqual(expected)
  })
})

test('a bundle for browsers has nothing of Node in it', async () => {
  const text = await bundle(place, 'use-in-browser.mjs', { target: 'clients.js', conditions: ['browser'] })
  expect(text).not.toMatch(/\brequire\(|\bfrom\s*["']node:|import\(["']node:/)
})

describe('the command letterlock finds a planted key', () => {
  for (const runtime of terminals.filter((name) => name !== 'Deno')) {
    test.skipIf(mayBeSkipped(runtime))(`on ${runtime}`, async () => {
      const planted = join(place.folder, 'planted.txt')
      await writeFile(planted, `key = ${letterlockKeys.issue({ mode: 'live' }).token}\n`)
      const found = runInTerminal(place, runtime, ['node_modules/.bin/letterlock', 'scan', '--json', planted])
      await expect(found).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('planted.txt') })
    })
  }
})

test.skipIf(mayBeSkipped('Deno'))('JSR takes the sources of the keys package as they are', async () => {
  expect(programOf('Deno')).toBeTruthy()
  const output = await run(place, process.execPath, [fileURLToPath(new URL('../../../scripts/release.ts', import.meta.url)), 'jsr', '--dry-run'])
  expect(output).toMatch(/Simulating publish of @letterlock\/keys@[\s\S]*src\/index\.ts[\s\S]*Success/)
  expect(output).not.toContain('.test.ts')
})

const doors = publishedPackages.flatMap(({ manifest: { name, publishConfig } }) => {
  const paths = Object.keys(publishConfig?.exports ?? {}).filter((path) => !path.includes('*'))
  return paths.map((path) => `${name}${path.slice(1)}`)
})

describe('CommonJS requires every door and gets what import does', () => {
  for (const runtime of terminals) {
    test.skipIf(mayBeSkipped(runtime))(`on ${runtime}`, async () => {
      const offered = await Promise.all(doors.map(async (door) => [door, Object.keys((await import(door)) as object).sort()]))
      const output = await runInTerminal(place, runtime, ['require-doors.cjs', JSON.stringify(doors)])
      expect(doors.length).toBeGreaterThan(15)
      expect(resultIn(output, 'offered')).toEqual(Object.fromEntries(offered))
    })
  }
})
