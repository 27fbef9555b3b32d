import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { domainOf, normaliseEmail, parseAddress } from './address.ts'

describe('normaliseEmail()', () => {
  test.each([
    ['ada@example.com', 'ada@example.com', 'ada@example.com'],
    ['  Ada.B+tag@Example.COM ', 'Ada.B+tag@example.com', 'ada.b+tag@example.com'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@ＥＸＡＭＰＬＥ.com', 'ada@example.com', 'ada@example.com'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('takes %s', (email, normal, key) => {
    expect(normaliseEmail(email)).toEqual({ ok: true, email: normal, key })
  })

  test.each([
    ['', 'empty'], ['ada', 'not_an_address'], ['@example.com', 'not_an_address'], ['ada@', 'not_an_address'],
    ['a@b@example.com', 'local_part_not_supported'], ['"a b"@example.com', 'local_part_not_supported'],
    ['.ada@example.com', 'local_part_not_supported'], ['a..b@example.com', 'local_part_not_supported'],
    ['adä@example.com', 'local_part_not_supported'], ['ada,b@example.com', 'local_part_not_supported'],
    ['ada@localhost', 'invalid_domain'], ['ada@[127.0.0.1]', 'invalid_domain'], ['ada@127.0.0.1', 'invalid_domain'],
    ['ada@0x7f.1', 'invalid_domain'], ['ada@-a.com', 'invalid_domain'], ['ada@a_b.com', 'invalid_domain'],
    ['ada@exa mple.com', 'invalid_domain'], ['ada@example..com', 'invalid_domain'], ['ada@example.com.', 'invalid_domain'],
    [`ada@${'a'.repeat(64)}.com`, 'invalid_domain'], ['ada@%65xample.com', 'invalid_domain'],
    [`${'a'.repeat(65)}@example.com`, 'too_long'], [`a@${'abcdefghi.'.repeat(25)}com`, 'too_long'],
    [`a@${'x'.repeat(2_000)}`, 'too_long'],
    ['ada@example.com\r\nBcc: eve@example.com', 'control_character'], ['ada\0@example.com', 'control_character'],
    ['ada\n@example.com', 'control_character'], ['\u2028ada@example.com', 'control_character'],
    ['ada@exam\ud800ple.com', 'control_character'],
  ])('refuses %j as %s', (email, reason) => {
    expect(normaliseEmail(email)).toEqual({ ok: false, reason })
  })

  test('is stable: its own answer is its own normal form, whatever the input', () => {
    fc.assert(fc.property(fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' })), (email) => {
      const first = normaliseEmail(email)
      expect(first.ok ? normaliseEmail(first.email) : first).toEqual(first)
    }), { numRuns: 2_000 })
  })
})

describe('parseAddress()', () => {
  test.each([
    ['ada@example.com', { address: 'ada@example.com', key: 'ada@example.com' }],
    ['<ada@example.com>', { address: 'ada@example.com', key: 'ada@example.com' }],
    ['Ada <Ada@example.com>', { name: 'Ada', address: 'Ada@example.com', key: 'ada@example.com' }],
    ['"Lovelace, \\"A\\"" <ada@example.com>', { name: 'Lovelace, "A"', address: 'ada@example.com', key: 'ada@example.com' }],
    ['Zoë 🎉 <z@bücher.example>', { name: 'Zoë 🎉', address: 'z@xn--bcher-kva.example', key: 'z@xn--bcher-kva.example' }],
  ])('reads %s', (text, expected) => {
    expect(parseAddress(text)).toEqual({ ok: true, ...expected })
  })

  test.each([
    ['Ada\r\nBcc: x <ada@example.com>', 'control_character'], ['Ada\0 <ada@example.com>', 'control_character'],
    ['\udc00 <ada@example.com>', 'control_character'], ['Ada ada@example.com>', 'not_an_address'],
    ['Ada <ada@example.com> Eve <eve@example.com>', 'invalid_name'], ['"Ada <ada@example.com>', 'invalid_name'],
    [`${'a'.repeat(201)} <ada@example.com>`, 'invalid_name'], ['Ada <>', 'empty'],
  ])('refuses %j as %s', (text, reason) => {
    expect(parseAddress(text)).toEqual({ ok: false, reason })
  })
})

test('domainOf() is the part after the last @ in lower case', () => {
  expect(domainOf('Ada@Example.com')).toBe('example.com')
})
