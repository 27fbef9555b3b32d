import { describe, expect, test } from 'vitest'
import { clientIp } from './client-ip.ts'

const proxy = '10.0.0.1'
const caller = '203.0.113.7'

describe('clientIp()', () => {
  test.each<[what: string, peer: string, forwardedFor: string | null, expected: string]>([
    ['no header', proxy, null, proxy],
    ['an empty header', proxy, '', proxy],
    ['a peer that is no proxy', '198.51.100.1', caller, '198.51.100.1'],
    ['one hop', proxy, caller, caller],
    ['two hops', proxy, `${caller}, 10.0.0.2`, caller],
    ['many blanks', proxy, `  ${caller} ,10.0.0.2  `, caller],
    ['a part that the caller made up', proxy, `192.0.2.1, ${caller}`, caller],
    ['made-up proxies', proxy, `192.0.2.1, 10.0.0.9, ${caller}, 10.0.0.2`, caller],
    ['proxies alone', proxy, '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['garbage', proxy, 'garbage', proxy],
    ['garbage before proxies', proxy, `${caller}, garbage, 10.0.0.2`, proxy],
    ['an empty hop', proxy, `${caller},`, proxy],
    ['an address with a port', proxy, `${caller}:443`, proxy],
    ['an octal address', proxy, '0313.0.113.7', proxy],
    ['a range', proxy, '203.0.113.0/24', proxy],
    ['IPv6', '2001:db8::1', '2001:db8:ffff::7', '2001:db8:ffff::7'],
    ['IPv6 behind IPv4', proxy, '2001:db8:ffff::7, 2001:db8::2', '2001:db8:ffff::7'],
    ['a mapped peer', `::ffff:${proxy}`, caller, caller],
    ['a mapped hop', proxy, `${caller}, ::ffff:10.0.0.2`, caller],
    ['a mapped peer that is no proxy', '::ffff:198.51.100.1', caller, '::ffff:198.51.100.1'],
  ])('%s', (...[, peer, forwardedFor, expected]) => {
    expect(clientIp(['10.0.0.0/8', '2001:db8::/48'])(peer, forwardedFor)).toBe(expected)
  })

  test('believes nobody without configured proxies', () => {
    for (const peer of ['127.0.0.1', '::1', '::ffff:127.0.0.1', proxy]) expect(clientIp([])(peer, caller)).toBe(peer)
  })

  test('does not grow slow by a header of 16 KiB', () => {
    expect(clientIp(['10.0.0.0/8'])(proxy, `${caller},${'10.0.0.2,'.repeat(1_800)}10.0.0.2`)).toBe(caller)
  })
})
