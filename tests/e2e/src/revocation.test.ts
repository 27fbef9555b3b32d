import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Nodes, startNodes } from './nodes/start-nodes.ts'
import { describeTrials, faultsOfTrials, runTrials, weaknessesOfTrials } from './revocation-trials.ts'

const closers = new AsyncDisposableStack()
let nodes: Nodes
beforeAll(async () => {
  nodes = await startNodes(closers, { durable: false })
})
afterAll(() => closers.disposeAsync())

/** So many of the 320 trials of a run may prove little: one stall of a shared machine is met by all trials under way. */
const mayBeWeak = 20

/** Not one trial may break the promise; on a machine that is too busy to prove much, they are run again. */
async function expectTrials(medianMs: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const report = await runTrials(nodes, { trials: 40, atOnce: 16 })
    console.log(describeTrials(report))
    expect(faultsOfTrials(report)).toEqual([])
    const weaknesses = weaknessesOfTrials(report, medianMs)
    if (weaknesses.length <= mayBeWeak) return
    console.log(weaknesses.slice(0, 20).join('\n'))
    if (attempt === 3) return expect(weaknesses).toEqual([])
  }
}

test('a revocation, of an access token too, a leak that GitHub tells of, a removal of a scope of a key or its role, an address list and a suspension are in force on three nodes within a second', async () => {
  await expectTrials(50)
  const heard = await Promise.all(nodes.api.map(({ wire }) => wire.counts()))
  expect(heard.map(({ notifications }) => notifications > 0)).toEqual([true, true, true]) // else the next test mutes nothing
})

test('they are in force within a second though every notification is lost', async () => {
  await Promise.all(nodes.api.map(({ wire }) => wire.mute(true)))
  await expectTrials(1_000)
  await Promise.all(nodes.api.map(({ wire }) => wire.mute(false)))
})
