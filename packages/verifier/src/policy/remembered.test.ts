import { describe, expect, test } from 'vitest'
import { remembered } from './remembered.ts'

describe('remembered()', () => {
  test('makes the result of a text once, null included', () => {
    const made: string[] = []
    const read = remembered((text) => (made.push(text), text === 'none' ? null : { text }), 10)
    expect([read('a'), read('none')]).toEqual([{ text: 'a' }, null])
    expect(read('a')).toBe(read('a'))
    expect(read('none')).toBeNull()
    expect(made).toEqual(['a', 'none'])
  })

  test('holds so many at most, and makes again what it has forgotten', () => {
    const made: string[] = []
    const read = remembered((text) => (made.push(text), text), 2)
    for (const text of ['a', 'b', 'a', 'b', 'c', 'c', 'a']) expect(read(text)).toBe(text)
    expect(made).toEqual(['a', 'b', 'c', 'a'])
  })

  test('remembers nothing of what threw', () => {
    let isBroken = true
    const read = remembered((text) => {
      if (isBroken) throw new Error('broken')
      return text
    }, 2)
    expect(() => read('a')).toThrow('broken')
    isBroken = false
    expect(read('a')).toBe('a')
  })
})
