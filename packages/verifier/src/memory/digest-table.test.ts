import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DigestTable } from './digest-table.ts'

// few and similar digests, so that nearly all of them push each other away
const digest = fc.tuple(fc.constantFrom('\0', '\x01', '\x0f', 'ÿ'), fc.constantFrom('aaa', 'aab'), fc.constantFrom('x', 'y', 'z')).map((parts) => parts.join(''))
const step = fc.record({ does: fc.constantFrom('set', 'set', 'delete', 'clear'), hash: digest })

test('DigestTable holds what a Map would, whatever is put in and taken out', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const table = new DigestTable<{ hash: string; number: number }>()
      const map = new Map<string, { hash: string; number: number }>()
      for (const [number, { does, hash }] of steps.entries()) {
        const isClear = does === 'clear' && number % 20 === 0
        if (isClear) table.clear()
        else if (does === 'set') table.set({ hash, number })
        else if (does === 'delete') table.delete(hash)
        if (isClear) map.clear()
        else if (does === 'set') map.set(hash, { hash, number })
        else if (does === 'delete') map.delete(hash)
        expect(table.size).toBe(map.size)
        for (const each of [...map.keys(), hash]) expect(table.get(each)).toEqual(map.get(each))
      }
    }),
    { numRuns: 500 },
  )
})

test('DigestTable finds each of many, and none that was taken out', () => {
  const table = new DigestTable<{ hash: string }>()
  const hashes = Array.from({ length: 5_000 }, (_, i) => `${String.fromCharCode(i & 255, (i >> 4) & 255, 7, 200)}${i}`)
  for (const hash of hashes) table.set({ hash })
  for (const [i, hash] of hashes.entries()) if (i % 3) table.delete(hash)
  expect(table.size).toBe(hashes.filter((_, i) => i % 3 === 0).length)
  expect(hashes.filter((hash) => table.get(hash)?.hash === hash)).toEqual(hashes.filter((_, i) => i % 3 === 0))
})
