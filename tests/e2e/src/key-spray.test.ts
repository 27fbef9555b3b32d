import { defineKeyFormat } from '@letterlock/keys'
import { afterAll, expect, test } from 'vitest'
import { mutate, proveSpray } from './key-spray.ts'
import { startNodes } from './nodes/start-nodes.ts'

const closers = new AsyncDisposableStack()
afterAll(() => closers.disposeAsync())

test('mutate() never gives back the key, nor another well-formed one', () => {
  const format = defineKeyFormat({ prefix: 'll' })
  const { token } = format.issue({ mode: 'live' })
  const changed = Array.from({ length: 2_000 }, (_, index) => mutate(token, index))
  expect(changed.filter((each) => each === token || format.parse(each).ok)).toEqual([])
  expect(new Set(changed.map(({ length }) => length)).size).toBeGreaterThan(50)
})

test('20 000 random and 20 000 changed keys: none accepted, no read for a wrong checksum, good keys stay cached', async () => {
  const nodes = await startNodes(closers, { apiRoles: ['api,management'], durable: false })
  const { faults, figures } = await proveSpray(nodes, { random: 20_000, mutated: 20_000, atOnce: 32 })
  console.log(figures)
  expect(faults).toEqual([])
})
