import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { inBatches } from './in-batches.ts'

const upper = (asked: string[][]) => async (questions: readonly string[]) => {
  asked.push([...questions])
  return questions.map((question) => question.toUpperCase())
}

describe('inBatches()', () => {
  test('asks once for all of a turn, and gives each its own answer', async () => {
    const asked: string[][] = []
    const ask = inBatches(upper(asked), 10)
    expect(await Promise.all([ask('a'), Promise.resolve().then(() => ask('b')), ask('a')])).toEqual(['A', 'B', 'A'])
    expect(await ask('c')).toBe('C')
    expect(asked).toEqual([['a', 'a', 'b'], ['c']])
  })

  test('splits what is more than a batch', async () => {
    const asked: string[][] = []
    const ask = inBatches(upper(asked), 2)
    expect(await Promise.all(['a', 'b', 'c', 'd', 'e'].map(ask))).toEqual(['A', 'B', 'C', 'D', 'E'])
    expect(asked).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  })

  test('does not wait for the answers of the turn before', async () => {
    const answers: ((answer: string[]) => void)[] = []
    const ask = inBatches<string, string>(() => new Promise((resolve) => answers.push(resolve)), 10)
    const first = ask('a')
    await turn()
    const second = ask('b')
    await turn()
    answers[1]?.(['B'])
    expect(await second).toBe('B')
    answers[0]?.(['A'])
    expect(await first).toBe('A')
  })

  test('throws to all of a batch what was thrown, and to no other', async () => {
    const ask = inBatches(async (questions: readonly string[]) => {
      if (questions.includes('bad')) throw new Error('broken')
      return questions
    }, 2)
    const settled = await Promise.allSettled(['good', 'bad', 'fine'].map(ask))
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect(await ask('good')).toBe('good')
  })
})
