import { createCaller, type Effects, type Settings } from '../src/caller.ts'
import { createResources } from '../src/resources.ts'
import { createSession, type SessionOptions } from '../src/session.ts'

/** A client whose waits take no time: they are written down, and the clock is moved by them. */
export function testClient(baseUrl: string, settings: Partial<Settings> & SessionOptions = {}, effects: Partial<Effects> = {}) {
  const waits: number[] = []
  const state = { now: Date.parse('2026-11-22T12:00:00.000Z') }
  let keys = 0
  const world: Effects = {
    fetch: globalThis.fetch,
    now: () => state.now,
    random: () => 0.5,
    sleep: async (ms) => {
      waits.push(ms)
      state.now += ms
    },
    newIdempotencyKey: () => `auto_${++keys}`,
    environmentVariable: () => undefined,
    ...effects,
  }
  const all = {
    baseUrl, timeoutMs: 5_000, deadlineMs: Number.POSITIVE_INFINITY, maxRetries: 2, maxRetryAfterMs: 30_000,
    headers: {}, userAgent: 'test', middleware: [], ...settings,
  }
  const session = createSession({ ...(settings.keys ? {} : { apiKey: 'acme_key' }), ...settings }, world)
  return { client: createResources(createCaller(all, session, world)), waits, state, session }
}
