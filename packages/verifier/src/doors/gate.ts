import { type ErrorCode, newId } from '@letterlock/contract'
import { type KeyFormat, type KeyMode, type KeyToken, letterlockKeys } from '@letterlock/keys'
import { type AnswerHeaders, answerHeaders } from '../http/answer-headers.ts'
import { bearerToken } from '../http/bearer-token.ts'
import { badMinRevision, type HttpRefusal, keyInUrl, missingKey, problemJson, refusalHeaders, refusalOf } from '../http/http-refusal.ts'
import { minRevisionOf } from '../http/min-revision.ts'
import type { KeyRecord, Outcome, QuotaDemand, Verify, VerifyRequest } from '../index.ts'

/** What a door asks of a key. `Request` is the request of the framework. */
export interface DoorOptions<Request> {
  readonly verify: Verify
  /** The modes that open this door; `live` and `test` unless given. */
  readonly modes?: readonly KeyMode[]
  /** The scope that is needed; every valid key may unless given. */
  readonly scope?: string | null
  /**
   * The address of the caller; the other end of the socket unless given. A header such as `X-Forwarded-For` counts
   * only if this function reads it, which it should do behind proxies of yours alone.
   */
  readonly ip?: (request: Request) => string | null
  /** How many tokens a request takes from every rate limit; 1 unless given. */
  readonly cost?: number
  /** What a request takes from a quota, if anything. */
  readonly quota?: (request: Request) => QuotaDemand | undefined
  /** Told of every request after its answer was made. Must neither wait nor throw. */
  readonly onUse?: (use: KeyUse) => void
  /** Told of a key that came in a URL, whether it is real or not; whoever owns it should replace it. */
  readonly onExposed?: (token: KeyToken) => void
  /** The format of the keys that are looked for in URLs; Letterlock's own unless given. */
  readonly keyFormat?: Pick<KeyFormat, 'prefix' | 'findKeys'>
  readonly clock: () => Date
}

/** A request that came to a door, for metering. */
export interface KeyUse {
  /** Null when no key was proven. */
  readonly key: KeyRecord | null
  /** `ok` when the key opened the door, whatever the route then answered. */
  readonly outcome: 'ok' | ErrorCode
  readonly scope: string | null
  readonly ip: string | null
  /** The status of the answer. */
  readonly status: number
  readonly startedAt: Date
  readonly durationMs: number
}

/** The parts of a request that a door looks at. */
export interface Knock {
  /** Path and query, or the whole URL. */
  readonly url: string
  readonly authorization: string | null | undefined
  /** `Letterlock-Min-Revision`. */
  readonly minRevision: string | null | undefined
}

/** Whether a request may pass. */
export interface Admission {
  /** What the answer says in its header, in either case. */
  readonly headers: AnswerHeaders
  readonly key: KeyRecord | null
  /** The whole answer, when it may not. */
  readonly refused: { readonly status: number; readonly code: ErrorCode; readonly body: string } | null
  /** When it came. */
  readonly since: Moment
}

interface Moment {
  readonly now: Date
  /** Of a clock that is never set back. */
  readonly ms: number
}

/** What every door does, whatever the framework. Synchronous wherever the verifier is. */
export interface Gate<Request> {
  readonly knock: (knock: Knock, request: Request, ip: string | null) => Admission | Promise<Admission>
  /** Tells of a request whose answer was made, once. Null when nobody is told. */
  readonly tell: ((admission: Admission, ip: string | null, status: number) => void) | null
}

export function createGate<Request>(options: DoorOptions<Request>): Gate<Request> {
  const { verify, modes = ['live', 'test'], scope = null, cost = 1, quota, onUse, onExposed, clock } = options
  const keyFormat = options.keyFormat ?? letterlockKeys
  const marker = `${keyFormat.prefix}_`
  return {
    knock(knock, request, ip) {
      const since = { now: clock(), ms: performance.now() }
      if (holdsKey(knock.url)) return refuse(since, keyInUrl)
      const key = bearerToken(knock.authorization)
      if (key === null) return refuse(since, missingKey)
      const minRevision = minRevisionOf(knock.minRevision)
      if (minRevision === null) return refuse(since, badMinRevision)
      const demand = quota?.(request)
      const ask: VerifyRequest = { key, modes, scope, ip, cost, minRevision, ...(demand && { quota: demand }) }
      const outcome = verify(ask)
      return outcome instanceof Promise ? outcome.then((later) => admissionOf(since, later)) : admissionOf(since, outcome)
    },
    tell: onUse ? ({ key, refused, since }, ip, status) => {
      const durationMs = performance.now() - since.ms
      onUse({ key, outcome: refused?.code ?? 'ok', scope, ip, status, startedAt: since.now, durationMs })
    } : null,
  }

  function holdsKey(url: string): boolean {
    if (!url.includes(marker) && !url.includes('%')) return false
    const found = [url, decoded(url)].flatMap((text) => keyFormat.findKeys(text))
    const tokens = new Set(found.map(({ token }) => token))
    for (const token of tokens) onExposed?.(token)
    return tokens.size > 0
  }
}

function admissionOf(since: Moment, outcome: Outcome): Admission {
  const headers = answerHeaders(outcome, since.now)
  if (outcome.code === 'ok') return { headers, key: outcome.record, refused: null, since }
  const refusal = refusalOf(outcome, since.now) as HttpRefusal // null for ok alone
  return refuse(since, refusal, { headers, key: 'record' in outcome ? outcome.record : null })
}

function refuse(since: Moment, refusal: HttpRefusal, { headers, key }: Pick<Admission, 'headers' | 'key'> = { headers: {}, key: null }): Admission {
  const requestId = newId('request')
  const { status, code } = refusal
  return {
    headers: { ...headers, ...refusalHeaders(refusal, requestId) },
    key,
    refused: { status, code, body: problemJson(refusal, requestId) },
    since,
  }
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return ''
  }
}
