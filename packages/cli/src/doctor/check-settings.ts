/** What can be told without a request: the key, the URL, the variables. */
import type { KeyFormat } from '@letterlock/keys'
import type { Environment } from '../config.ts'
import { faultTexts } from '../key/fault-texts.ts'
import type { GivenKey } from '../key/given-key.ts'
import { remarksOn } from './remark.ts'
import type { Remark } from './remark.ts'

/** The key, when it may be sent, and what is to be said of it. */
export function checkKey(given: GivenKey | undefined, formats: readonly KeyFormat[]): { readonly token?: string; readonly remarks: Remark[] } {
  const { good, warning, wrong } = remarksOn('key')
  if (given === undefined) return { remarks: [wrong('there is none: set LETTERLOCK_API_KEY or LETTERLOCK_API_KEY_FILE, or use --key-file')] }
  const { text, source, readableByOthers } = given
  const permissions = readableByOthers ? [warning(`${source} can be read by others: chmod 600 it; the SDK refuses it`)] : []
  for (const format of formats) {
    const parsed = format.parse(text)
    if (!parsed.ok) continue
    const issued = new Date(parsed.issuedAt).toISOString()
    if (parsed.mode === 'root') return { remarks: [wrong(`${source} has a root key: it opens the management API, never this one`), ...permissions] }
    return { token: text, remarks: [good(`${format.redact(text)} from ${source}, ${parsed.mode}, issued ${issued}`), ...permissions] }
  }
  const parsed = formats[0]?.parse(text)
  const fault = parsed === undefined || parsed.ok ? 'wrong_prefix' : parsed.code
  return { remarks: [wrong(`that of ${source} ${faultTexts[fault]}`), ...permissions] }
}

/** The URL of `GET /key`, when there is one, and what is to be said of the base. */
export function checkBaseUrl(baseUrl: string | undefined): { readonly url?: URL; readonly remarks: Remark[] } {
  const { good, warning, wrong } = remarksOn('base URL')
  if (!baseUrl) return { remarks: [wrong('there is none: set LETTERLOCK_BASE_URL, such as https://mail.example.com, or use --base-url')] }
  const base = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (base === undefined || !/^https?:$/.test(base.protocol)) return { remarks: [wrong('is not an http(s) URL')] }
  // Not shown: it may hold a password.
  if (base.username || base.password) return { remarks: [wrong('has a user or password in it: take them out')] }
  if (base.search || base.hash) return { remarks: [wrong('has a query or fragment: take it out')] }
  const url = new URL(`${base.origin}${base.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}/v1/key`)
  const open = url.protocol === 'http:' && !isLoopback(url.hostname)
  return { url, remarks: [open ? warning(`${base.origin} is not encrypted: whoever is on the way reads the key`) : good(url.origin)] }
}

const known = ['LETTERLOCK_API_KEY', 'LETTERLOCK_API_KEY_FILE', 'LETTERLOCK_BASE_URL', 'LETTERLOCK_ROOT_KEY', 'LETTERLOCK_ROOT_KEY_FILE', 'LETTERLOCK_MANAGEMENT_URL']

/** Variables that are set twice, or that look like ours and are read by nobody. */
export function checkVariables(environment: Environment): Remark[] {
  const { warning } = remarksOn('environment')
  const both = environment['LETTERLOCK_API_KEY'] && environment['LETTERLOCK_API_KEY_FILE']
  const mistyped = Object.keys(environment).filter((name) => /^LETTER_?LOCK_.*(KEY|URL)/i.test(name) && !known.includes(name) && name !== 'LETTERLOCK_KEY_PREFIX' && name !== 'LETTERLOCK_PUBLIC_URL')
  return [
    ...(both ? [warning('LETTERLOCK_API_KEY and LETTERLOCK_API_KEY_FILE are both set: the first is used')] : []),
    ...mistyped.map((name) => warning(`${name} is set, and no client reads it: there are ${known.slice(0, 3).join(', ')}`)),
  ]
}

/** Proxies of the environment. fetch of Node goes through them only when it is told to. */
export function checkProxies(environment: Environment, url: URL): Remark[] {
  const { good, warning } = remarksOn('proxy')
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = environment[name.toLowerCase()] || environment[name]
  if (!proxy || isLoopback(url.hostname)) return []
  const host = URL.canParse(proxy) ? new URL(proxy).host : 'no URL'
  if (bypassed(environment['no_proxy'] || environment['NO_PROXY'] || '', url.hostname)) return [good(`${name} (${host}) is passed by: NO_PROXY names ${url.hostname}`)]
  if (environment['NODE_USE_ENV_PROXY'] === '1') return [good(`${name}: through ${host}`)]
  return [warning(`${name} (${host}) is set, and Node does not use it: set NODE_USE_ENV_PROXY=1 (Node 24 or newer) or give the client a fetch of your own`)]
}

function bypassed(list: string, host: string): boolean {
  return list.split(/[\s,]+/).some((entry) => entry === '*' || host === entry || (entry !== '' && host.endsWith(entry.startsWith('.') ? entry : `.${entry}`)))
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}
