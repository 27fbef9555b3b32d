import { isIP } from 'node:net'
import { isLoopbackAddress, isPublicAddress } from './public-address.ts'
import type { ResolveHost } from './resolve-host.ts'

/** Why a request does not leave: its URL, the addresses of its host, its port, or a host without addresses. */
export type Refusal = 'url' | 'address' | 'port' | 'unresolved'

/** Where a request goes: these addresses have been examined, and no others are asked for. */
export interface Target {
  readonly url: URL
  readonly addresses: readonly string[]
}

export interface TargetRules {
  /** For receivers under development: addresses of this machine on any port, as a literal, as a name, or `localhost`. */
  readonly allowLoopback: boolean
}

const ports: readonly string[] = ['', '80', '443']

/** What is wrong with a URL as it stands, before anybody is asked for its host; null when nothing is. */
export function refusalOfUrl(text: string, { allowLoopback }: TargetRules): Refusal | null {
  const url = readUrl(text)
  if (url === null) return 'url'
  const host = hostOf(url)
  if (isLocalhost(host)) return allowLoopback ? null : 'address'
  if (isIP(host) !== 0) return refusalOf(url, [host], { allowLoopback })
  return allowLoopback || ports.includes(url.port) ? null : 'port'
}

/**
 * Resolves the host of a URL once. One address that is not public refuses all: whoever mixes them means harm. IPv4
 * literals in octal, hexadecimal or as one number have become dotted in the URL by then (WHATWG URL, host parser).
 */
export async function chooseTarget(text: string, { allowLoopback, resolveHost }: TargetRules & { readonly resolveHost: ResolveHost }): Promise<Target | Refusal> {
  const url = readUrl(text)
  if (url === null) return 'url'
  const addresses = await addressesOf(hostOf(url), resolveHost)
  return refusalOf(url, addresses, { allowLoopback }) ?? { url, addresses }
}

function readUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  const isPlain = url.username === '' && url.password === '' && hostOf(url) !== ''
  return isPlain && (url.protocol === 'https:' || url.protocol === 'http:') ? url : null
}

/** Without the brackets of IPv6 and the dot of the root. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}

function isLocalhost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') // RFC 6761
}

function addressesOf(host: string, resolveHost: ResolveHost): readonly string[] | Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host]
  return isLocalhost(host) ? ['127.0.0.1', '::1'] : resolveHost(host)
}

function refusalOf(url: URL, addresses: readonly string[], { allowLoopback }: TargetRules): Refusal | null {
  if (addresses.length === 0) return 'unresolved'
  if (allowLoopback && addresses.every(isLoopbackAddress)) return null
  if (!addresses.every(isPublicAddress)) return 'address'
  return ports.includes(url.port) ? null : 'port'
}
