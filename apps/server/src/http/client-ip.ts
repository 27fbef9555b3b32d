import ipaddr from 'ipaddr.js'

/** Tells the address of the caller. `X-Forwarded-For` counts only as far as configured proxies wrote it. */
export function clientIp(trustedProxies: readonly string[]) {
  const trusted = trustedProxies.map(toRange)
  const isTrusted = (address: string) => ipaddr.isValid(address) && trusted.some((range) => matches(address, range))
  return (peer: string, forwardedFor: string | null): string => {
    let address = plain(peer)
    if (!forwardedFor || !isTrusted(address)) return address
    for (const hop of forwardedFor.split(',').reverse()) {
      const next = plain(hop.trim())
      if (!ipaddr.isValid(next)) return address
      address = next
      if (!isTrusted(address)) return address
    }
    return address
  }
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number]

function toRange(text: string): Range {
  return text.includes('/') ? ipaddr.parseCIDR(text) : [ipaddr.process(text), ipaddr.process(text).kind() === 'ipv4' ? 32 : 128]
}

function matches(address: string, [network, bits]: Range) {
  const parsed = ipaddr.process(address)
  return parsed.kind() === network.kind() && parsed.match(network, bits)
}

function plain(address: string) {
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : address
}
