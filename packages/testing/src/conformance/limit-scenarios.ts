import { mustFail, requestsDuring, type Scenario, together } from './scenario.ts'

/** Limits that pass, and a quota that does not. */
export const limitScenarios = {
  rate_limit: {
    claim: 'waits at a rate limit',
    async run(stage) {
      const once = await requestsDuring(stage, () => stage.work([], 1))
      // three times as much as the limit lets through at once
      stage.server.setRateLimits([{ name: 'burst', limit: `${20 * Math.max(once.requests, 1)}/1s` }])
      const { result, requests } = await requestsDuring(stage, () => stage.work([], 60))
      const refused = stage.server.requests.filter(({ status }) => status === 429).length
      const remarks = refused > requests / 2 ? [`${refused} of ${requests} requests came before the time that Retry-After names`] : []
      return { ...together(once.result, result), remarks }
    },
  },
  quota: {
    claim: 'does not insist when the quota is used up, and goes on when it is not',
    async run(stage) {
      stage.server.faults.add('quota_exceeded')
      const { result, requests } = await requestsDuring(stage, () => stage.work([], 25))
      stage.server.faults.clear()
      const perCall = requests / result.calls
      const remarks = perCall > 1 ? [`it asked ${perCall.toFixed(1)} times a call, though the month is not over`] : []
      return { ...together(mustFail(result), await stage.work([], 25)), remarks }
    },
  },
} satisfies Record<string, Scenario>
