/** Both servers are asked the same, and all that they answer is the same: status, headers, and bodies to the last letter. */
import { operationIds, operationsOfPath, operations } from '@letterlock/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cases } from './same-answers/cases.ts'
import { memoryRig } from './same-answers/memory-rig.ts'
import { randomSteps } from './same-answers/random-steps.ts'
import { startRealServer } from './same-answers/server-rig.ts'
import { type Answer, type Talk, transcriptOf } from './same-answers/transcript.ts'

let real: Awaited<ReturnType<typeof startRealServer>>
beforeAll(async () => void (real = await startRealServer()), 60_000)
afterAll(() => real.stop())

async function bothAnswer(run: (talk: Talk) => Promise<void>): Promise<{ inMemory: Answer[]; ofServer: Answer[] }> {
  const [memory, server] = [await memoryRig(), await real.rig()]
  try {
    return { inMemory: await transcriptOf(memory, run), ofServer: await transcriptOf(server, run) }
  } finally {
    await memory.close()
  }
}

const said: Answer[] = []
test.each(Object.entries(cases))('%s', async (_, run) => {
  const { inMemory, ofServer } = await bothAnswer(run)
  said.push(...ofServer)
  expect(inMemory).toEqual(ofServer)
}, 60_000)

test.each([1, 2, 3, 4, 5, 6, 7, 8])('100 requests in an order that nobody thought of, with seed %i', async (seed) => {
  const { inMemory, ofServer } = await bothAnswer(async ({ newKey, say, rig }) => {
    await newKey()
    await rig.setQuotas({ 'contacts.stored': 6, 'emails.sent': 8 })
    await say(...randomSteps(seed, 100))
  })
  said.push(...ofServer)
  expect(inMemory).toEqual(ofServer)
}, 60_000)

test('the cases have every operation with each status of a success', () => {
  const seen = new Set(said.flatMap(({ step, status }) => idsOf(step).map((id) => `${id} ${status}`)))
  const wanted = operationIds.flatMap((id) => Object.keys(operations[id].answers).map((status) => `${id} ${status}`))
  expect(wanted.filter((each) => !seen.has(each))).toEqual([])
  expect(said.length).toBeGreaterThan(1_000)
})

function idsOf(step: string): string[] {
  const [method = '', path = ''] = step.split(' ')
  return operationsOfPath(path.replaceAll('#', '')).filter((id) => operations[id].method === method)
}
