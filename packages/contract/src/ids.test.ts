import { array, assert, constantFrom, integer, property } from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { type ContactId, type IdKind, idPrefixes, idSchema, isId, type ListId, newId } from './ids.ts'

const kinds = Object.keys(idPrefixes) as IdKind[]
const anyText = array(integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units))
const anyKind = constantFrom(...kinds)

describe('newId()', () => {
  test('makes ids of the kind: isId() and idSchema() accept them, and of no other prefix', () => {
    assert(property(anyKind, anyKind, (kind, other) => {
      const id = newId(kind)
      expect(id).toMatch(new RegExp(`^${idPrefixes[kind]}_[0-7][0-9a-hjkmnp-tv-z]{25}$`))
      expect(isId(kind, id)).toBe(true)
      expect(idSchema(kind).safeParse(id).success).toBe(true)
      expect(isId(other, id)).toBe(idPrefixes[other] === idPrefixes[kind])
      expect(idSchema(other).safeParse(id).success).toBe(idPrefixes[other] === idPrefixes[kind])
    }))
  })

  test('never repeats, and later milliseconds sort later', async () => {
    const first = Array.from({ length: 2_000 }, () => newId('contact'))
    expect(new Set(first).size).toBe(first.length)
    const start = Date.now()
    while (Date.now() <= start) await new Promise((resolve) => setTimeout(resolve, 1))
    const last = first.toSorted().at(-1) ?? ''
    expect(newId('contact') > last).toBe(true)
  })

  test('has the kind in its type', () => {
    expectTypeOf(newId('contact')).toEqualTypeOf<ContactId>()
    expectTypeOf<ContactId>().not.toExtend<ListId>()
    expectTypeOf<ContactId>().toExtend<string>()
    expectTypeOf<string>().not.toExtend<ContactId>()
  })
})

describe('isId() and idSchema()', () => {
  const id = newId('list')
  test.each([
    '', 'lst_', id.slice(0, -1), `${id}0`, ` ${id}`, `${id}\n`, id.toUpperCase(), id.replace('lst_', 'con_'), id.replace('_', '-'),
    `lst_8${'0'.repeat(25)}`, ...['i', 'l', 'o', 'u'].map((letter) => `lst_0${letter.repeat(25)}`),
  ])('refuse %j', (text) => {
    expect(isId('list', text)).toBe(false)
    expect(idSchema('list').safeParse(text).success).toBe(false)
  })

  test('agree on any text', () => {
    assert(property(anyKind, anyText, (kind, text) => {
      expect(idSchema(kind).safeParse(text).success).toBe(isId(kind, text))
    }))
  })
})
