import { type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'

/** One place where GitHub has found a token. */
export interface GithubFinding {
  readonly token: string
  /** As the format was registered with GitHub. */
  readonly type: string
  readonly url: string | null
  /** `content`, `commit`, `issue_body`, `npm`, … */
  readonly source: string | null
}

// more may come with a field, and more kinds of sources
const alert = z.array(z.object({
  token: z.string().max(2_000),
  type: z.string().max(200),
  url: z.string().max(4_000).nullish(),
  source: z.string().max(100).nullish(),
})).min(1).max(5_000)

/** Whether a body was signed by the key: ECDSA over its bytes with SHA-256, in DER, as base64. */
export function isSignedBy(key: KeyObject, body: Uint8Array, signature: string): boolean {
  if (!/^[0-9A-Za-z+/]+={0,2}$/.test(signature)) return false
  return verify('sha256', body, { key, dsaEncoding: 'der' }, Buffer.from(signature, 'base64'))
}

/** Reads the body of an alert; null when it is none. */
export function readAlert(body: Uint8Array): GithubFinding[] | null {
  const parsed = alert.safeParse(parseJson(body))
  return parsed.success ? parsed.data.map(({ token, type, url, source }) => ({ token, type, url: url ?? null, source: source ?? null })) : null
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}
