import { Letterlock } from 'letterlock'
import { createTestServer, type Meter } from '../../src/index.ts'
import type { Rig } from './rig.ts'

/** The server in memory. */
export async function memoryRig(): Promise<Rig> {
  const server = await createTestServer()
  return {
    url: server.url,
    async newKey(options) {
      const key = server.keys.create(options)
      return {
        token: () => key.token,
        rotate: async (overlapSeconds) => void key.rotate({ overlap: `${overlapSeconds}s` }),
        revoke: async () => key.revoke(),
        disable: async () => key.disable(),
        enable: async () => key.enable(),
        update: async (changes) => key.update(changes),
      }
    },
    setQuotas: async (quotas) => Object.entries(quotas).forEach(([meter, limit]) => server.setQuota(meter as Meter, limit)), // the cases name these
    setRateLimits: async (limits) => server.setRateLimits(limits),
    suspend: async () => server.suspend(),
    resume: async () => server.resume(),
    pass: async (seconds) => server.clock.advance(`${seconds}s`),
    settle: () => server.settle(),
    async unsubscribe(email) {
      const message = server.outbox.find(({ to }) => to.includes(email))
      if (message) server.unsubscribe(message)
    },
    async requestsServed() {
      const letterlock = new Letterlock({ apiKey: server.keys.create().token, baseUrl: server.url })
      return (await letterlock.usage.get()).data.find(({ meter }) => meter === 'api.requests')?.used ?? 0
    },
    close: () => server.close(),
  }
}
