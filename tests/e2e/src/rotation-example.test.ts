import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSite, type ServerProcess, type Site, startServerProcess } from './server-process.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

let site: Site
let server: ServerProcess
beforeAll(async () => {
  site = await createSite()
  server = await startServerProcess(site)
})
afterAll(async () => {
  await server.kill('SIGTERM')
  site.remove()
})

test('02-rotate-a-key goes on without a failed request, and the old secret ends when nobody uses it', async () => {
  const { LETTERLOCK_ROOT_KEY: _, ...environment } = process.env
  const env = { ...environment, LETTERLOCK_DATA_DIR: site.dataDir }
  const child = spawn(process.execPath, [`${root}/scripts/example.ts`, '02-rotate-a-key'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  expect(code, output + errors).toBe(0)
  expect(output).toMatch(/^in use {5}\d+ requests with the old secret, \d+ with the new one$/m)
  expect(output).toMatch(/^refused {4}retired_secret$/m)
  expect(output).toMatch(/^failed {5}0 of \d{3,} requests$/m)
  expect(output + errors).not.toMatch(/ll_(live|root)_\w{60}/)
})
