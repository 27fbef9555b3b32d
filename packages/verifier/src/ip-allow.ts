import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** A parsed range of addresses; IPv4-mapped IPv6 ranges are held as what they mean, IPv4. */
export interface AddressRange {
  /** Canonical text, `10.0.0.0/8`. */
  readonly text: string
  readonly network: Address
  readonly bits: number
}

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32` or a single address; null when the text is neither.
 * Host bits are cleared. Short and octal forms (`10.1`, `010.0.0.1`) and zones are refused: readers differ about them.
 */
export function parseAddressRange(text: string): AddressRange | null {
  const [address = '', prefix, ...rest] = text.split('/')
  const parsed = parseAddress(address)
  if (!parsed || rest.length > 0 || address.includes('%')) return null
  // a mapped range must lie within ::ffff:0:0/96 to mean IPv4
  const mapped = parsed.kind() === 'ipv4' && address.includes(':')
  const width = parsed.kind() === 'ipv4' ? 32 : 128
  if (prefix === undefined) return toRange(parsed, width)
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix)) return null
  const bits = Number(prefix) - (mapped ? 96 : 0)
  return bits < 0 || bits > width ? null : toRange(parsed, bits)
}

/** True when the address lies in one of the ranges. An unknown or unreadable address lies in none. */
export function isInRanges(address: string | null, ranges: readonly AddressRange[]): boolean {
  const parsed = address === null ? null : parseAddress(address)
  if (!parsed) return false
  return ranges.some((range) => range.network.kind() === parsed.kind() && parsed.match(range.network, range.bits))
}

/** An IPv4-mapped IPv6 address, as a dual-stack socket reports it, is its IPv4 address (RFC 4291 §2.5.5.2). */
function parseAddress(text: string): Address | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  return ipaddr.IPv6.isValid(text) ? ipaddr.process(text) : null
}

function toRange(address: Address, bits: number): AddressRange {
  const network = maskOf(address, bits)
  return { text: `${network.toString()}/${bits}`, network, bits }
}

function maskOf(address: Address, bits: number): Address {
  const bytes = address.toByteArray().map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))))
  return ipaddr.fromByteArray(bytes)
}
