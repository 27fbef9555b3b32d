import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { createSite, delay, type ServerProcess, startServerProcess } from './server-process.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Calls over kept-alive connections until the server takes no new one; every other failure is remembered. */
async function callUntilRefused(server: ServerProcess, agent: Agent, failures: string[]): Promise<number> {
  const { apiUrl, liveKey } = server.dev()
  for (let answered = 0; ; answered++) {
    const status = await new Promise<number | string>((resolve) => {
      const call = request(`${apiUrl}/v1/key`, { agent, headers: { authorization: `Bearer ${liveKey}` } }, (response) => {
        void text(response).then(() => resolve(response.statusCode ?? 0))
      })
      call.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      call.end()
    })
    if (status === 'ECONNREFUSED') return answered
    if (status !== 200) failures.push(String(status))
    if (failures.length > 10) return answered
  }
}

test('SIGTERM under load: every request is answered, every answer is counted', async () => {
  const site = await createSite()
  closers.push(site.remove)
  const server = await startServerProcess(site)
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  closers.push(() => agent.destroy())
  const failures: string[] = []
  const callers = Array.from({ length: 16 }, () => callUntilRefused(server, agent, failures))
  await delay(1_500)
  await server.kill('SIGTERM')
  const answered = (await Promise.all(callers)).reduce((sum, count) => sum + count, 0)
  expect(failures).toEqual([])
  expect(answered).toBeGreaterThan(100)

  const again = await startServerProcess(site)
  closers.push(() => again.kill('SIGTERM'))
  const { apiUrl, liveKey } = again.dev()
  const response = await fetch(`${apiUrl}/v1/usage`, { headers: { authorization: `Bearer ${liveKey}` } })
  const { data } = (await response.json()) as { data: { meter: string; used: number }[] }
  expect(data.find(({ meter }) => meter === 'api.requests')?.used).toBe(answered)
})
