import { mustFail, requestsDuring, type Scenario, type Stage, together, wideLimits } from './scenario.ts'

/** So many calls show what a program does where each is the same. */
const few = 50

/** A key that is rotated, ends, is replaced, is revoked, and a workspace that is suspended. */
export const keyScenarios = {
  rotation: {
    claim: 'survives rotation',
    async run({ key, putKey, work, server }) {
      const rotate = () => putKey(key.rotate({ overlap: '1h' }))
      const retire = () => server.clock.advance('1h')
      return { ...(await work([{ after: 1 / 3, happens: rotate }, { after: 2 / 3, happens: retire }])), remarks: [] }
    },
  },
  expiry: {
    claim: 'goes on with the next key when one expires',
    async run({ key, putKey, work, server }) {
      key.update({ expires: '7d' })
      const publish = () => putKey(server.keys.create({ name: 'next', rateLimits: wideLimits }).token)
      const expire = () => server.clock.advance('7d')
      return { ...(await work([{ after: 1 / 3, happens: publish }, { after: 2 / 3, happens: expire }])), remarks: [] }
    },
  },
  replacement: {
    claim: 'survives a key that is revoked and replaced at once',
    async run({ key, putKey, work, server }) {
      const replace = () => {
        putKey(server.keys.create({ name: 'next', rateLimits: wideLimits }).token)
        key.revoke()
      }
      return { ...(await work([{ after: 1 / 2, happens: replace }])), remarks: [] }
    },
  },
  revocation: {
    claim: 'does not insist when its key is revoked',
    async run(stage) {
      const before = await stage.work([], few)
      stage.key.revoke()
      const { result, remarks } = await refusedWork(stage, 2)
      return { ...together(before, result), remarks }
    },
  },
  suspension: {
    claim: 'does not insist on what is forbidden, and goes on when it is allowed again',
    async run(stage) {
      stage.server.suspend()
      const { result, remarks } = await refusedWork(stage, 1)
      stage.server.resume()
      return { ...together(result, await stage.work([], few)), remarks }
    },
  },
} satisfies Record<string, Scenario>

/** Work that is refused for good: asking again, after one look for another key, changes nothing. */
async function refusedWork(stage: Stage, mostRequests: number): Promise<{ result: ReturnType<typeof mustFail>; remarks: string[] }> {
  const { result, requests } = await requestsDuring(stage, () => stage.work([], few))
  const perCall = requests / result.calls
  const remarks = perCall > mostRequests ? [`it asked ${perCall.toFixed(1)} times a call, though the answer was final`] : []
  return { result: mustFail(result), remarks }
}
