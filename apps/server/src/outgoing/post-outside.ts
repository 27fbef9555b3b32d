/** The only way out to addresses that somebody else named. */
import { type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIPv6, type LookupFunction } from 'node:net'
import { within } from '../within.ts'
import { chooseTarget, type Refusal, type Target, type TargetRules } from './choose-target.ts'
import type { ResolveHost } from './resolve-host.ts'

export interface OutgoingRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What came of a request. `refused`: nobody was connected to. */
export type OutgoingResult =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | null }
  | { readonly kind: 'refused'; readonly reason: Refusal }
  | { readonly kind: 'failed'; readonly reason: 'timeout' | 'tls' | 'connection' }

/** Sends a request and waits for its end; never throws. */
export type PostOutside = (request: OutgoingRequest) => Promise<OutgoingResult>

export interface OutsideOptions extends TargetRules {
  readonly resolveHost: ResolveHost
  /** From the question for the address to the last byte; 15 000 unless given. */
  readonly timeoutMs?: number
  /** Of an answer's body, after which nothing more is read; 65 536 unless given. */
  readonly maxAnswerBytes?: number
}

const maxHeaderSize = 16_384

/**
 * Makes the way out. The host is resolved once, every address must be public, and the connection goes to those addresses
 * and no others; a redirect is an answer like any other. Each request has a connection of its own.
 */
export function createPostOutside({ timeoutMs = 15_000, maxAnswerBytes = 65_536, ...rules }: OutsideOptions): PostOutside {
  return async (request) => {
    const startedAt = performance.now()
    const target = await within(timeoutMs, chooseTarget(request.url, rules)).catch(() => null)
    if (target === null) return { kind: 'failed', reason: 'timeout' }
    if (typeof target === 'string') return { kind: 'refused', reason: target }
    const leftMs = Math.max(1, Math.ceil(timeoutMs - (performance.now() - startedAt)))
    return send(target, request, { signal: AbortSignal.timeout(leftMs), maxAnswerBytes })
  }
}

function send({ url, addresses }: Target, { headers, body }: OutgoingRequest, bounds: { signal: AbortSignal; maxAnswerBytes: number }): Promise<OutgoingResult> {
  const { promise, resolve } = Promise.withResolvers<OutgoingResult>()
  const { signal, maxAnswerBytes } = bounds
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest
  const length = String(Buffer.byteLength(body))
  const options = { method: 'POST', headers: { ...headers, 'content-length': length }, agent: false, lookup: pinned(addresses), signal, maxHeaderSize } as const
  const outgoing = open(url, options, (answer) => {
    drain(answer, maxAnswerBytes).then(() => resolve({ kind: 'answered', status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] ?? null }), fail)
  })
  outgoing.on('error', fail)
  outgoing.end(body)
  return promise

  function fail(error: NodeJS.ErrnoException) {
    outgoing.destroy()
    resolve({ kind: 'failed', reason: signal.aborted ? 'timeout' : isTls(error) ? 'tls' : 'connection' })
  }
}

/** Answers with the addresses that were examined, whatever the name means by now. */
function pinned(addresses: readonly string[]): LookupFunction {
  const entries = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
  const [first] = entries
  return (_host, { all }, answer) => (all ? answer(null, entries) : answer(null, first?.address ?? '', first?.family))
}

/** Reads to the end or to the bound, whichever comes first; what was read is dropped. */
async function drain(answer: IncomingMessage, maxBytes: number): Promise<void> {
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > maxBytes) return
  }
}

function isTls({ code = '' }: NodeJS.ErrnoException): boolean {
  return /^(ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/.test(code)
}
