import { afterAll, beforeAll, expect, test } from 'vitest'
import { HttpLine, requestText } from './nodes/http-line.ts'
import { type Nodes, startNodes } from './nodes/start-nodes.ts'
import { runRotations } from './rotation-trial.ts'

const closers = new AsyncDisposableStack()
let nodes: Nodes
beforeAll(async () => {
  nodes = await startNodes(closers, { durable: false })
})
afterAll(() => closers.disposeAsync())

test('a client with 200 requests a second on three nodes goes through ten rotations with overlap without a failed request', async () => {
  const report = await runRotations(nodes, { rotations: 10, overlapMs: 4_000, requestsPerSecond: 200 })
  const { keyId, workspaceId, requests, seconds, failures, afterEnd, withOld } = report
  console.log(`${requests} requests in ${seconds.toFixed(0)} s, ${withOld} with an old secret, failed: ${JSON.stringify(failures)}`)
  expect(failures).toEqual({})
  expect(requests).toBeGreaterThan(0.95 * 200 * seconds)
  expect(withOld).toBeGreaterThan(10 * 4 * 200 * 0.2) // half of three instances over 0.6 of each overlap
  expect(afterEnd).toEqual({ retired_secret: 30 })
  await expect.poll(() => servedOf(workspaceId, keyId), { timeout: 10_000 }).toBe(requests) // one key, one usage
})

async function servedOf(workspaceId: string, keyId: string): Promise<number> {
  const line = new HttpLine(nodes.control.managementPort)
  const input = encodeURIComponent(JSON.stringify({
    workspaceId, keyId, from: new Date(Date.now() - 600_000).toISOString(), to: new Date(Date.now() + 600_000).toISOString(), step: 'hour', by: 'outcome',
  }))
  const answer = await line.ask(requestText('GET', `/trpc/usage.timeseries?input=${input}`, { token: nodes.rootKey }))
  line.close()
  const { result } = JSON.parse(String(answer?.body)) as { result: { data: { series: { name: string; requests: number }[] } } }
  return result.data.series.find(({ name }) => name === 'ok')?.requests ?? 0
}
