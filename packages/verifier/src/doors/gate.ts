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
}

/** What every door does, whatever the framework. Synchronous wherever the verifier is. */
export interface Gate<Request> {
  readonly knock: (knock: Knock, request: Request, ip: string | null) => Admission | Promise<Admission>
  /** Null when nobody is told. */
  readonly startUse: (() => StartedUse) | null
}

/** A request that came, and when. */
export interface StartedUse {
  /** Tells of it, once: its answer was made. */
  readonly end: (admission: Admission, ip: string | null, status: number) => void
}

export function createGate<Request>(options: DoorOptions<Request>): Gate<Request> {
  const { verify, modes = ['live', 'test'], scope = null, cost = 1, quota, onUse, onExposed, clock } = options
  const keyFormat = options.keyFormat ?? letterlockKeys
  const marker = `${keyFormat.prefix}_`
  return {
    knock(knock, request, ip) {
      if (holdsKey(knock.url)) return refuse(keyInUrl)
      const key = bearerToken(knock.authorization)
      if (key === null) return refuse(missingKey)
      const minRevision = minRevisionOf(knock.minRevision)
      if (minRevision === null) return refuse(badMinRevision)
      const demand = quota?.(request)
      const ask: VerifyRequest = demand ? { key, modes, scope, ip, cost, minRevision, quota: demand } : { key, modes, scope, ip, cost, minRevision }
      const outcome = verify(ask)
      return outcome instanceof Promise ? outcome.then(admissionOf) : admissionOf(outcome)
    },
    startUse: onUse ? () => new OpenUse(onUse, scope, clock()) : null,
  }

  function admissionOf(outcome: Outcome): Admission {
    const now = clock()
    const headers = answerHeaders(outcome, now)
    if (outcome.code === 'ok') return { headers, key: outcome.record, refused: null }
    const refusal = refusalOf(outcome, now) as HttpRefusal // null for ok alone
    return refuse(refusal, headers, 'record' in outcome ? outcome.record : null)
  }

  function holdsKey(url: string): boolean {
    if (!url.includes(marker) && !url.includes('%')) return false
    const found = [url, decoded(url)].flatMap((text) => keyFormat.findKeys(text))
    const tokens = new Set(found.map(({ token }) => token))
    for (const token of tokens) onExposed?.(token)
    return tokens.size > 0
  }
}

class OpenUse implements StartedUse {
  readonly #tell: (use: KeyUse) => void
  readonly #scope: string | null
  readonly #startedAt: Date
  readonly #startMs = performance.now()

  constructor(tell: (use: KeyUse) => void, scope: string | null, startedAt: Date) {
    this.#tell = tell
    this.#scope = scope
    this.#startedAt = startedAt
  }

  end({ key, refused }: Admission, ip: string | null, status: number): void {
    const tell = this.#tell
    const durationMs = performance.now() - this.#startMs
    tell({ key, outcome: refused?.code ?? 'ok', scope: this.#scope, ip, status, startedAt: this.#startedAt, durationMs })
  }
}

function refuse(refusal: HttpRefusal, headers: AnswerHeaders = {}, key: KeyRecord | null = null): Admission {
  const requestId = newId('request')
  const { status, code } = refusal
  return {
    headers: { ...headers, ...refusalHeaders(refusal, requestId) },
    key,
    refused: { status, code, body: problemJson(refusal, requestId) },
  }
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return ''
  }
}
