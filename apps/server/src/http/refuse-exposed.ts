import type { KeyFormat } from '@letterlock/keys'
import { failure, type Failure } from './failure.ts'

/** Refuses a text of a request that holds a key where none may be (URL, body), and flags the key as exposed. */
export type RefuseExposed = (text: string) => Failure | null

/** @param deps.report flags a key as exposed, if it is a real one; the answer does not wait for it */
export function refuseExposed(deps: { keyFormat: KeyFormat; report: (token: string) => void }): RefuseExposed {
  const { keyFormat, report } = deps
  return (text) => {
    if (!text.includes(`${keyFormat.prefix}_`) && !text.includes('%')) return null
    const found = [text, decoded(text)].flatMap((candidate) => keyFormat.findKeys(candidate))
    const tokens = new Set(found.map((key) => key.token))
    for (const token of [...tokens].slice(0, 4)) report(token)
    return tokens.size > 0 ? keyInUrl : null
  }
}

function decoded(text: string) {
  try {
    return text.length < 20_000 ? decodeURIComponent(text) : ''
  } catch {
    return ''
  }
}

const keyInUrl = failure('key_in_url', 'An API key came in the URL or body, where logs keep it. Replace that key, and send the new one as a Bearer token.')
