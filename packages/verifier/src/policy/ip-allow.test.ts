import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isInRanges, parseAddressRange } from './ip-allow.ts'

describe('parseAddressRange()', () => {
  test.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['192.0.2.7', '192.0.2.7/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['255.255.255.255/32', '255.255.255.255/32'],
    ['192.0.2.200/25', '192.0.2.128/25'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['2001:db8:ffff::1/33', '2001:db8:8000::/33'],
    ['::1', '::1/128'],
    ['::/0', '::/0'],
    ['::ffff:192.0.2.7', '192.0.2.7/32'],
    ['::ffff:10.1.2.3/104', '10.0.0.0/8'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
  ])('reads %s as %s', (text, canonical) => {
    expect(parseAddressRange(text)?.text).toBe(canonical)
  })

  test.each([
    '', ' ', 'localhost', '10', '10.1', '0x7f.1', '010.0.0.1', '10.0.0.256', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0.0/',
    '10.0.0.0/8/8', '/8', ' 10.0.0.1', '10.0.0.1 ', '10.0.0.0/8\n', '2001:db8::/129', 'fe80::1%eth0', 'fe80::%1/10', '::ffff:10.0.0.0/95',
    '1:2:3:4:5:6:7', '1::2::3', '10.0.0.0/1e1', '10.0.0.0/255.0.0.0',
  ])('refuses %j', (text) => {
    expect(parseAddressRange(text)).toBeNull()
  })

  test('is stable: the canonical text means itself', () => {
    const range = fc.oneof(fc.tuple(fc.ipV4(), fc.nat(32)), fc.tuple(fc.ipV6(), fc.nat(128))).map(([address, bits]) => `${address}/${bits}`)
    fc.assert(
      fc.property(range, (text) => {
        const parsed = parseAddressRange(text)
        fc.pre(parsed !== null) // an IPv4-mapped network with fewer than 96 bits
        expect(parseAddressRange(parsed?.text ?? '')).toEqual(parsed)
      }),
    )
  })

  test('never throws on any text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.ipV4Extended(), fc.string({ unit: fc.constantFrom(...'0123456789abcdef:./%') })), (text) => {
      parseAddressRange(text)
      isInRanges(text, [])
    }))
  })
})

describe('isInRanges()', () => {
  const ranges = (...texts: string[]) => texts.map((text) => parseAddressRange(text)).filter((range) => range !== null)

  test.each([
    ['10.255.255.255', '10.0.0.0/8', true],
    ['11.0.0.0', '10.0.0.0/8', false],
    ['9.255.255.255', '10.0.0.0/8', false],
    ['192.0.2.127', '192.0.2.0/25', true],
    ['192.0.2.128', '192.0.2.0/25', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.8', '192.0.2.7', false],
    ['::ffff:10.0.0.1', '10.0.0.0/8', true],
    ['::ffff:a00:1', '10.0.0.0/8', true],
    ['10.0.0.1', '::ffff:10.0.0.0/104', true],
    ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::/32', true],
    ['2001:db9::', '2001:db8::/32', false],
    ['1.2.3.4', '0.0.0.0/0', true],
    ['2001:db8::1', '0.0.0.0/0', false],
    ['1.2.3.4', '::/0', false],
    ['fe80::1%eth0', 'fe80::/10', true],
    ['010.0.0.1', '10.0.0.0/8', false],
    ['167772161', '10.0.0.0/8', false],
  ])('of %s and %s is %s', (address, range, expected) => {
    expect(isInRanges(address, ranges(range))).toBe(expected)
  })

  test('agrees with arithmetic on every IPv4 address and prefix', () => {
    const toNumber = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.nat(32), (address, network, bits) => {
        const size = 2 ** (32 - bits)
        const expected = Math.floor(toNumber(address) / size) === Math.floor(toNumber(network) / size)
        expect(isInRanges(address, ranges(`${network}/${bits}`))).toBe(expected)
      }),
    )
  })
})
