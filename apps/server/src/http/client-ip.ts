import { isInRanges, parseAddressRange } from '@letterlock/verifier'

/** Tells the address of the caller. `X-Forwarded-For` counts only as far as configured proxies wrote it. */
export function clientIp(trustedProxies: readonly string[]) {
  const trusted = trustedProxies.flatMap((text) => parseAddressRange(text) ?? [])
  return (peer: string, forwardedFor: string | null): string => {
    let address = peer
    if (!forwardedFor || !isInRanges(address, trusted)) return address
    for (const hop of forwardedFor.split(',').reverse()) {
      address = hop.trim()
      if (!isInRanges(address, trusted)) break
    }
    return isInRanges(address, everyAddress) ? address : peer
  }
}

const everyAddress = ['0.0.0.0/0', '::/0'].flatMap((text) => parseAddressRange(text) ?? [])
