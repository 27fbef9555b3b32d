import { describe, expect, test } from 'vitest'
import { simulatorTransport } from './simulator-transport.ts'

const { handOver } = simulatorTransport()
const send = (to: string[], attempt?: number) =>
  handOver({ envelope: { from: 'a@b.test', to }, messageId: '<1@b.test>', raw: Buffer.from('') }, attempt === undefined ? {} : { attempt })

describe('simulatorTransport()', () => {
  test.each([
    ['delivered@simulator.letterlock.test', 'delivered'], ['bounced@simulator.letterlock.test', 'bounced'],
    ['Bounced+7@Simulator.letterlock.test', 'bounced'], ['complained+a+b@simulator.letterlock.test', 'complained'],
    ['ada@example.com', 'delivered'], ['bounced@example.com', 'delivered'], ['xbounced@simulator.letterlock.test', 'delivered'],
  ])('%s is %s', async (address, event) => {
    expect(await send([address])).toMatchObject({ kind: 'accepted', rejected: [], simulated: [{ address, event }] })
  })

  test('deferred@ answers 4xx to the first attempt and takes the second', async () => {
    const address = 'deferred+1@simulator.letterlock.test'
    expect(await send([address])).toMatchObject({ kind: 'temporary', code: 450 })
    expect(await send([address], 1)).toMatchObject({ kind: 'temporary', code: 450 })
    expect(await send([address], 2)).toMatchObject({ kind: 'accepted', simulated: [{ address, event: 'delivered' }] })
  })
})
