/** Which addresses of the internet a request may go to that somebody else asked for. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** Not of the public internet, after the registries of special purpose addresses (IANA; RFC 6890). */
const specialIPv4: readonly string[] = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by the customers of a carrier; Alibaba's metadata
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure's metadata and agent
  '169.254.0.0/16', // link-local; metadata of most clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments; Oracle's metadata
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // relays of 6to4
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
]

/**
 * All that is not global unicast is refused, and with it what carries an IPv4 address (`::/96`, `::ffff:0:0/96`,
 * `64:ff9b::/96`, `64:ff9b:1::/48`), ULA, link-local, site-local, multicast and whatever is assigned one day.
 */
const globalUnicast = '2000::/3'
const specialIPv6: readonly string[] = [
  '2001::/23', // protocol assignments: Teredo, benchmarks, ORCHID
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4, which carries an IPv4 address
  '3ffe::/16', // the former 6bone
  '3fff::/20', // documentation
]

const special = blockList([...specialIPv4, ...specialIPv6])
const global = blockList([globalUnicast])
const loopbackIPv4 = blockList(['127.0.0.0/8'])

/** True for an address of the public internet; false for all others, and for text that is no address. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special.check(address, 'ipv4')
  return isIPv6(address) && global.check(address, 'ipv6') && !special.check(address, 'ipv6')
}

/** True for an address at which a receiver under development listens: `127.0.0.0/8` or `::1`, no other form of them. */
export function isLoopbackAddress(address: string): boolean {
  return isIPv4(address) ? loopbackIPv4.check(address, 'ipv4') : address === '::1'
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/')
    list.addSubnet(network, Number(bits), isIPv4(network) ? 'ipv4' : 'ipv6')
  }
  return list
}
