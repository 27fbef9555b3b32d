import { array, assert, constantFrom, integer, oneof, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { emailAddress, line, mailbox, moment, text } from './bounded-text.ts'

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success
const unit = oneof(constantFrom(0, 10, 0x40, 0xd800, 0xdc00), integer({ min: 0, max: 0xffff }))
const anyText = (maxLength: number) => array(unit, { maxLength }).map((units) => String.fromCharCode(...units))
const address = (length: number) => `ada@${'x'.repeat(length - 4)}`

describe('text()', () => {
  test('takes any line breaks, and emptiness', () => {
    expect(accepts(text(10), 'a\r\nb\tc')).toBe(true)
    expect(accepts(text(10), '')).toBe(true)
  })

  test.each([['NUL', 'a\0b'], ['a high surrogate alone', 'a\ud800'], ['a low surrogate alone', '\udc00a'], ['a number', 7], ['null', null]])(
    'refuses %s', (_, value) => {
      expect(accepts(text(10), value)).toBe(false)
    },
  )

  test('counts code points', () => {
    expect(accepts(text(2), '😀😀')).toBe(true)
    expect(accepts(text(1), '😀😀')).toBe(false)
  })

  test('takes exactly the texts that PostgreSQL can store, within the bound', () => {
    assert(property(anyText(12), (value) => {
      expect(accepts(text(10), value)).toBe([...value].length <= 10 && !value.includes('\0') && value.isWellFormed())
    }))
  })
})

describe('line()', () => {
  test.each(['x', 'Grüße 😀', 'a'.repeat(200)])('takes %j', (value) => {
    expect(accepts(line(200), value)).toBe(true)
  })

  test.each(['', 'a'.repeat(201), 'a\rBcc: x', 'a\nb', 'a\r\nb', 'a\tb', 'a\0', '\x1b[31m', '\x7f', 'a\u0085b', 'a\u2028b', 'a\u2029b', '\ud800'])(
    'refuses %j', (value) => {
      expect(accepts(line(200), value)).toBe(false)
    },
  )
})

describe('emailAddress', () => {
  test.each(['ada@example.com', "o'hara+tag@mail.example", 'ünï@exämple.de', `${'a'.repeat(64)}@x.de`, address(254)])('takes %s', (value) => {
    expect(accepts(emailAddress, value)).toBe(true)
  })

  test.each([
    '', 'ada', '@example.com', 'ada@', 'a@b@c', 'ada @example.com', 'ada@exam ple.com', 'Ada <ada@example.com>', 'a,b@example.com', 'a@b.c,d@e.f',
    'a;b@example.com', '"a"@example.com', 'a@[127.0.0.1]', 'a\\b@example.com', 'ada@example.com\n', 'ada@example.com\r\nBcc: x@y.z', 'a\0@b.c',
    '\ud800@b.c', `${'a'.repeat(65)}@x.de`, address(255),
  ])('refuses %j', (value) => {
    expect(accepts(emailAddress, value)).toBe(false)
  })
})

describe('mailbox', () => {
  test.each(['ada@example.com', 'Ada Lovelace <ada@example.com>', '"Lovelace, Ada" <ada@example.com>', '<ada@example.com>', 'Grüße <a@b.c>'])('takes %s', (value) => {
    expect(accepts(mailbox, value)).toBe(true)
  })

  test.each([
    '', 'Ada', 'Ada <ada>', 'Ada <ada@example.com> x', 'Ada <a@b.c> <d@e.f>', 'Ada ada@example.com', 'Ada <a@b.c', 'A\r\nBcc: <a@b.c>', 'a@b.c\n',
    `${'a'.repeat(320)} <a@b.c>`,
  ])('refuses %j', (value) => {
    expect(accepts(mailbox, value)).toBe(false)
  })

  test('answers long texts at once', () => {
    const start = performance.now()
    for (const value of ['a@'.repeat(160), '<'.repeat(320), `${'a'.repeat(318)}@`, 'a<'.repeat(160)]) accepts(mailbox, value)
    expect(performance.now() - start).toBeLessThan(200)
  })
})

describe('moment', () => {
  test.each(['2026-11-22T09:30:00Z', '2026-11-22T09:30:00.123456+05:30', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])('takes %s', (value) => {
    expect(accepts(moment, value)).toBe(true)
  })

  test.each(['2026-11-22', '9999-12-31T23:59:59-01:00', '0000-01-01T00:00:00+01:00', `2026-11-22T09:30:00.${'0'.repeat(40)}Z`, '2026-02-30T00:00:00Z', ''])(
    'refuses %j', (value) => {
      expect(accepts(moment, value)).toBe(false)
    },
  )
})
