import type { TestServer } from '../create-test-server.ts'
import { requestsDuring, type Scenario, together } from './scenario.ts'

/** What goes wrong between a program and its server. */
export const faultScenarios = {
  hiccups: {
    claim: 'survives short failures',
    async run({ work, server }) {
      const kinds = ['unavailable', 'connection_reset', 'internal', 'connection_reset'] as const
      const turns = kinds.map((kind, index) => ({ after: index / kinds.length, happens: () => server.faults.add(kind, { times: 1 }) }))
      return { ...(await work(turns, 200)), remarks: [] }
    },
  },
  silence: {
    claim: 'does not wait for ever for an answer',
    async run({ work, server }) {
      server.faults.add('no_answer', { times: 1 })
      return { ...(await work([], 10)), remarks: [] }
    },
  },
  outage: {
    claim: 'makes no storm of an outage, and goes on after it',
    async run(stage) {
      stage.server.faults.add('unavailable')
      const { result: { calls }, requests } = await requestsDuring(stage, () => stage.work([], 20))
      stage.server.faults.clear()
      const perCall = requests / calls
      const remarks = perCall > 4 ? [`it asked ${perCall.toFixed(1)} times a call, while the server could not answer`] : []
      return { ...together(await stage.work([], 50)), remarks }
    },
  },
  lost_answers: {
    claim: 'does nothing twice when an answer is lost',
    async run({ work, server }) {
      const lose = () => server.faults.add('connection_reset', { times: 1, afterwards: true })
      const traffic = await work([0, 1, 2, 3].map((index) => ({ after: index / 4, happens: lose })), 100)
      return { ...traffic, remarks: lostWithoutKey(server) }
    },
  },
  clock_skew: {
    claim: 'works with a server whose clock is ten minutes ahead or behind',
    async run({ work, server }) {
      const moved = async (by: string) => {
        server.clock.advance(by)
        server.faults.add('unavailable', { times: 1, retryAfterSeconds: 1 })
        return work([], 50)
      }
      return { ...together(await moved('10m'), await moved('-20m')), remarks: [] }
    },
  },
} satisfies Record<string, Scenario>

/** A POST whose answer was lost has done its work: without a key, who repeats it does it twice. */
function lostWithoutKey({ requests }: TestServer): string[] {
  const lost = requests.filter(({ method, outcome, headers }) => method === 'POST' && outcome === 'connection_reset' && !headers.has('idempotency-key'))
  return [...new Set(lost.map(({ operation }) => `${operation ?? 'a POST'} came without Idempotency-Key: who repeats it does it twice`))]
}
