/** What the answer of the server tells about the key, the clock, and what is in between. */
import type { Answer } from './ask-server.ts'
import { remarksOn } from './remark.ts'
import type { Remark } from './remark.ts'

const day = 86_400_000
/** Signatures of webhooks are good for five minutes. */
const [warnSkewMs, maxSkewMs] = [30_000, 5 * 60_000]
/** The Date header counts seconds. */
const dateResolutionMs = 1_000

export function checkReachability(origin: string, { status, headers, body, askedAt, answeredAt }: Answer): Remark[] {
  const { good, wrong } = remarksOn('server')
  if (status >= 300 && status < 400) return [wrong(`${origin} redirects: take its final address as base URL; no client follows with a key`)]
  if (status === 404 || body === undefined || !headers.has('x-request-id')) {
    return [wrong(`something else answers at ${origin} (status ${status}): a proxy, or the wrong port or path`)]
  }
  return [good(`${origin} answers in ${answeredAt - askedAt} ms`)]
}

/** How far this machine's clock is from that of the server. */
export function checkClock({ headers, askedAt, answeredAt }: Answer): Remark[] {
  const { good, warning, wrong } = remarksOn('clock')
  const date = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(date)) return []
  // The server wrote it down between the two moments, and cut off less than a second.
  const early = date - answeredAt
  const late = date + dateResolutionMs - askedAt
  const skew = early > 0 ? early : late < 0 ? late : 0
  if (skew === 0) return [good('agrees with that of the server')]
  const text = `is ${Math.round(Math.abs(skew) / 1000)} s ${skew > 0 ? 'behind' : 'ahead of'} that of the server`
  if (Math.abs(skew) > maxSkewMs) return [wrong(`${text}: signatures of webhooks are refused; set it by NTP`)]
  return [Math.abs(skew) > warnSkewMs ? warning(`${text}: set it by NTP`) : good(text)]
}

/** Whether the server takes the key, and how long it will. */
export function checkAcceptance({ status, headers, body = {}, answeredAt }: Answer, scope: string | undefined): Remark[] {
  const { good, wrong } = remarksOn('access')
  if (status !== 200) return [wrong(refusalOf(status, body))]
  const scopes = Array.isArray(body['scopes']) ? body['scopes'].map(String) : []
  return [
    good(`${textOf(body, 'name')}: ${textOf(body, 'mode')} key of ${textOf(body, 'workspaceId')}, ${scopes.length} scopes: ${scopes.join(' ') || 'none'}`),
    ...(scope === undefined ? [] : [checkScope(scope, scopes)]),
    checkExpiry(body['expiresAt'], answeredAt),
    ...(headers.get('letterlock-key-superseded') === 'true' ? [remarksOn('rotation').warning('there is a newer secret of this key: change over before this one is retired')] : []),
    ...exhausted(headers),
  ]
}

function checkScope(scope: string, scopes: readonly string[]): Remark {
  const { good, wrong } = remarksOn('scope')
  return scopes.includes(scope) ? good(`${scope} is granted`) : wrong(`${scope} is not granted: whoever manages the key can add it`)
}

function checkExpiry(expiresAt: unknown, now: number): Remark {
  const { good, warning } = remarksOn('expiry')
  if (typeof expiresAt !== 'string') return good('never')
  const days = Math.floor((Date.parse(expiresAt) - now) / day)
  if (days > 30) return good(`${expiresAt}, in ${days} days`)
  return warning(`${expiresAt}, in ${days < 1 ? 'less than a day' : `${days} days`}: have it rotated`)
}

/** `"requests";r=0;t=5` of the RateLimit header (draft-ietf-httpapi-ratelimit-headers-11). */
function exhausted(headers: Headers): Remark[] {
  const limits = [...(headers.get('ratelimit') ?? '').matchAll(/"([^"]{1,64})";r=0(?:;t=(\d+))?/g)]
  return limits.map(([, name, seconds]) => remarksOn('rate limit').warning(`"${name}" is used up${seconds === undefined ? '' : ` for ${seconds} s`}`))
}

const advice: Readonly<Record<string, string>> = {
  missing_key: 'no key arrived: something in between takes the Authorization header away',
  invalid_key: 'it is not known here: the key of another installation, or a wrong base URL',
  expired_key: 'it has expired: have a new one made',
  revoked_key: 'it was revoked, for ever: have a new one made',
  disabled_key: 'it is disabled for now: whoever manages it can enable it',
  retired_secret: 'its secret was rotated, and this one is retired: use the newer one',
  ip_not_allowed: 'it may not be used from this address: whoever manages it can add the address',
  workspace_suspended: 'its workspace is suspended',
  key_quarantined: 'it is in quarantine after a leak or an alarm: have it rotated',
  rate_limited: 'its rate limit is used up: wait',
  quota_exceeded: 'its quota is used up',
  not_fresh: 'the server cannot reach its database now: try again',
  unavailable: 'a part of the server is out: try again',
}

function refusalOf(status: number, body: Readonly<Record<string, unknown>>): string {
  const code = textOf(body, 'code')
  const request = typeof body['requestId'] === 'string' ? ` (${textOf(body, 'requestId')})` : ''
  return `the key is refused: ${status} ${code}: ${advice[code] ?? textOf(body, 'title')}${request}`
}

/** A text of the answer, as much of it as fits a line. */
function textOf(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name]
  return typeof value === 'string' ? value.slice(0, 120) : 'unknown'
}
