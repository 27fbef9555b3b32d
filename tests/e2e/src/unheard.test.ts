import { expect, test } from 'vitest'
import { createSite, startServerProcess } from './server-process.ts'

test('a server whose output nobody reads any more goes on serving, and stops when asked', async () => {
  const site = await createSite({ LETTERLOCK_LOG_LEVEL: 'debug' })
  const server = await startServerProcess(site)
  const { apiUrl, managementUrl } = server.dev()
  server.deafen()
  for (let i = 0; i < 3; i++) {
    expect((await fetch(`${managementUrl}/trpc/scopes.list`)).status).toBe(401)
    expect((await fetch(`${apiUrl}/v1/key`)).status).toBe(401)
  }
  await server.kill('SIGTERM')
  expect(await server.exited).toBe(0)
  site.remove()
})
