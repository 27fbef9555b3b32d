import type { KeyToken } from '@letterlock/keys'
import { expect, test } from 'vitest'
import type { Proof } from '../index.ts'
import { tokenBatches } from './token-batches.ts'

const tokens = (count: number) => Array.from({ length: count }, (_, i) => `token ${i}` as KeyToken) // their form does not matter here
const revisionOf = (token: KeyToken) => Number(token.split(' ')[1])

function start(change: { answer?: (proofs: Proof[]) => Proof[]; maxWaiting?: number } = {}) {
  const { answer = (proofs) => proofs, maxWaiting = 1_000 } = change
  const seen = { sizes: [] as number[], running: 0, most: 0 }
  const ask = tokenBatches({
    maxPerBatch: 100, maxParallel: 2, maxWaiting,
    ask: async (batch) => {
      seen.sizes.push(batch.length)
      seen.running += 1
      seen.most = Math.max(seen.most, seen.running)
      await new Promise((resolve) => setImmediate(resolve))
      seen.running -= 1
      return answer(batch.map((token) => ({ revision: revisionOf(token), key: null })))
    },
  })
  return { ask, seen }
}

test('tokenBatches() asks once about the tokens of one turn, and gives each its own answer', async () => {
  const { ask, seen } = start()
  const proofs = await Promise.all(tokens(50).map(ask))
  expect(proofs.map(({ revision }) => revision)).toEqual(tokens(50).map(revisionOf))
  expect(seen.sizes).toEqual([50])
})

test('tokenBatches() asks about 100 at most, by two requests at a time', async () => {
  const { ask, seen } = start()
  await Promise.all(tokens(450).map(ask))
  expect(seen).toMatchObject({ sizes: [100, 100, 100, 100, 50], most: 2 })
})

test('tokenBatches() refuses what would wait behind too many', async () => {
  const { ask } = start({ maxWaiting: 3 })
  const [, , , fourth] = await Promise.allSettled(tokens(4).map(ask))
  expect(fourth).toMatchObject({ status: 'rejected', reason: { code: 'overloaded' } })
})

test('tokenBatches() gives no answer when there are fewer proofs than tokens', async () => {
  const { ask } = start({ answer: (proofs) => proofs.slice(1) })
  for (const result of await Promise.allSettled(tokens(2).map(ask))) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'bad_answer' } })
  }
})
