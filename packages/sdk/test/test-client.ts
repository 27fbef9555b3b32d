import { createCaller, type Effects, type Settings } from '../src/caller.ts'
import { createResources } from '../src/resources.ts'

/** A client whose waits take no time: they are written down, and the clock is moved by them. */
export function testClient(baseUrl: string, settings: Partial<Settings> = {}, effects: Partial<Effects> = {}) {
  const waits: number[] = []
  let now = Date.parse('2026-11-22T12:00:00.000Z')
  let keys = 0
  const call = createCaller(
    {
      apiKey: 'acme_key', baseUrl, timeoutMs: 5_000, deadlineMs: Number.POSITIVE_INFINITY, maxRetries: 2,
      maxRetryAfterMs: 30_000, headers: {}, userAgent: 'test', ...settings,
    },
    {
      fetch: globalThis.fetch,
      now: () => now,
      random: () => 0.5,
      sleep: async (ms) => {
        waits.push(ms)
        now += ms
      },
      newIdempotencyKey: () => `auto_${++keys}`,
      environmentVariable: () => undefined,
      ...effects,
    },
  )
  return { client: createResources(call), waits }
}
