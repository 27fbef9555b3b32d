import { createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'

/** The public keys that GitHub signs its alerts with. */
export interface GithubKeys {
  /**
   * The key of an identifier; null when GitHub has none of it.
   * @throws when that cannot be known, because GitHub is out of reach
   */
  readonly find: (identifier: string) => Promise<KeyObject | null>
}

export interface GithubKeysOptions {
  readonly url: string
  readonly monotonic: () => number
  readonly fetch?: typeof fetch
  /** GitHub is asked no more often, whoever makes up identifiers; 60 s unless given. */
  readonly askEveryMs?: number
  /** A key that GitHub may have withdrawn since is believed no longer; an hour unless given. */
  readonly believedForMs?: number
}

interface Known {
  readonly keys: ReadonlyMap<string, KeyObject>
  readonly etag: string | null
  /** When GitHub said so last. */
  readonly saidAt: number
}

const answer = z.object({ public_keys: z.array(z.object({ key_identifier: z.string().max(200), key: z.string().max(2_000) })).max(100) })
const timeoutMs = 10_000

/** Remembers what GitHub publishes, and asks again, with the ETag, for what it does not know and when it is old. */
export function githubKeys({ url, monotonic, fetch: ask = fetch, askEveryMs = 60_000, believedForMs = 3_600_000 }: GithubKeysOptions): GithubKeys {
  let known: Known = { keys: new Map(), etag: null, saidAt: -Infinity }
  let asking: Promise<void> | null = null
  let askedAt = -Infinity
  return {
    async find(identifier) {
      if (isOld() || !known.keys.has(identifier)) await refresh()
      if (isOld()) throw new Error('The keys of GitHub are not known.')
      return known.keys.get(identifier) ?? null
    },
  }

  function isOld(): boolean {
    return monotonic() - known.saidAt > believedForMs
  }

  /** Those who come meanwhile wait for the one question; whoever comes soon after it gets what it brought. */
  async function refresh(): Promise<void> {
    if (!asking && monotonic() - askedAt < askEveryMs) return
    asking ??= read().finally(() => {
      asking = null
    })
    await asking
  }

  async function read(): Promise<void> {
    askedAt = monotonic()
    const response = await ask(url, {
      headers: { accept: 'application/json', 'user-agent': 'letterlock', ...(known.etag !== null && { 'if-none-match': known.etag }) },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.status === 304) {
      known = { ...known, saidAt: askedAt }
      return
    }
    if (!response.ok) throw new Error(`GitHub answered ${response.status} to the question for its keys.`)
    const { public_keys: published } = answer.parse(await response.json())
    const keys = new Map(published.flatMap(({ key_identifier: id, key }) => (isP256(key) ? [[id, createPublicKey(key)] as const] : [])))
    known = { keys, etag: response.headers.get('etag'), saidAt: askedAt }
  }
}

/** The protocol says ECDSA on P-256; nothing else is used, whoever publishes it. */
function isP256(pem: string): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey(pem)
    return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
  } catch {
    return false
  }
}
