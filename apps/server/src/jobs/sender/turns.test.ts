import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

const campaigns = ['a1', 'a2', 'a3', 'b1'].map((id) => ({ id, environmentId: id.charAt(0) }))
const take = (turns: ReturnType<typeof createTurns>, count: number) =>
  Array.from({ length: count }, () => turns.next(campaigns)?.id)

test('createTurns() serves environments in turn, and the campaigns of each in turn', () => {
  const turns = createTurns()
  expect(turns.next([])).toBeUndefined()
  expect(take(turns, 8)).toEqual(['a1', 'b1', 'a2', 'b1', 'a3', 'b1', 'a1', 'b1'])
})

test('createTurns() takes what it was told to forget for new', () => {
  const turns = createTurns()
  take(turns, 3)
  turns.keep(campaigns.filter(({ id }) => id !== 'b1'))
  expect(take(turns, 2)).toEqual(['b1', 'a3'])
})
