import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** A parsed range of addresses; IPv4-mapped IPv6 ranges are held as what they mean, IPv4. */
export type AddressRange = {
  /** Canonical text, `10.0.0.0/8`. */
  readonly text: string
  readonly bits: number
} & (
  | { readonly kind: 'ipv4'; /** As whole numbers of 32 bits, signed. */ readonly network: number; readonly mask: number }
  | { readonly kind: 'ipv6'; /** 16 bytes. */ readonly network: readonly number[] }
)

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
  if (address === null) return false
  const ipv4 = parseIpv4(address)
  return ipv4 === notIpv4 ? isParsedInRanges(address, ranges) : isIpv4InRanges(ipv4, ranges)
}

function isIpv4InRanges(address: number, ranges: readonly AddressRange[]): boolean {
  for (let index = 0; index < ranges.length; index++) {
    const range = ranges[index] as AddressRange // index < length
    if (range.kind === 'ipv4' && (address & range.mask) === range.network) return true
  }
  return false
}

function isParsedInRanges(text: string, ranges: readonly AddressRange[]): boolean {
  const parsed = parseAddress(text)
  if (!parsed) return false
  const bytes = parsed.toByteArray()
  if (parsed.kind() === 'ipv4') return isIpv4InRanges(numberOf(bytes), ranges)
  return ranges.some(({ kind, network, bits }) => kind === 'ipv6' && sharesBits(bytes, network, bits))
}

function sharesBits(a: readonly number[], b: readonly number[], bits: number): boolean {
  return a.every((byte, index) => ((byte ^ (b[index] ?? 0)) & maskOfByte(bits, index)) === 0)
}

/** Not a number of 32 bits. */
const notIpv4 = 2 ** 32

/** Four decimal parts without leading zeros as a signed number of 32 bits: what nearly every request carries. */
function parseIpv4(text: string): number {
  if (text.length < 7 || text.length > 15) return notIpv4
  let address = 0
  let part = -1
  let dots = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 46 && part >= 0 && dots < 3) {
      address = (address << 8) | part
      part = -1
      dots += 1
    } else if (code >= 48 && code <= 57 && part !== 0) {
      part = part < 0 ? code - 48 : part * 10 + code - 48
      if (part > 255) return notIpv4
    } else {
      return notIpv4
    }
  }
  return dots === 3 && part >= 0 ? (address << 8) | part : notIpv4
}

/** An IPv4-mapped IPv6 address, as a dual-stack socket reports it, is its IPv4 address (RFC 4291 §2.5.5.2). */
function parseAddress(text: string): Address | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  return ipaddr.IPv6.isValid(text) ? ipaddr.process(text) : null
}

function toRange(address: Address, bits: number): AddressRange {
  const bytes = address.toByteArray().map((byte, index) => byte & maskOfByte(bits, index))
  const text = `${ipaddr.fromByteArray(bytes).toString()}/${bits}`
  if (bytes.length === 16) return { kind: 'ipv6', text, bits, network: bytes }
  return { kind: 'ipv4', text, bits, network: numberOf(bytes), mask: bits === 0 ? 0 : -1 << (32 - bits) }
}

function maskOfByte(bits: number, index: number): number {
  return (0xff00 >> Math.min(8, Math.max(0, bits - index * 8))) & 0xff
}

function numberOf(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => (sum << 8) | byte, 0)
}
