/** The keys of a client: where they are found, and which comes next when the server says that the time of one is over. */
import { redactLetterlockKey } from '@letterlock/keys/read'
import { checkedApiKey, type ExpectedMode } from '../api-key.ts'
import type { KeySource } from './key-source.ts'

/** A client goes on with another key. Both are shown as `ll_live_<id>****<last 4>`, or `****` where the format is another. */
export interface KeySwitched {
  readonly from: string
  readonly to: string
  /** Why: `expired_key`, `revoked_key` or `retired_secret`. */
  readonly code: string
}

/** The keys of one client. */
export interface KeyRing {
  /** How many places for keys there are. */
  readonly size: number
  /** The key to use now. @throws LetterlockError when there is none, or one that is certainly wrong */
  current(): string | Promise<string>
  /** Goes on from a refused key; false when there is no other. Many may ask at once: the ring moves once. */
  replace(refused: string, code: string): Promise<boolean>
}

export interface RingOptions {
  readonly mode: ExpectedMode | undefined
  readonly onSwitched: (event: KeySwitched) => void
}

/** Starts with the first source, and never goes back to one that was left. */
export function keyRing(sources: readonly [KeySource, ...KeySource[]], { mode, onSwitched }: RingOptions): KeyRing {
  let source: KeySource = sources[0]
  let right: string | undefined // the key that was found right last need not be examined again
  const told = new Set<string>()
  const check = (key: unknown, from: KeySource) => {
    return key === right && right !== undefined ? right : (right = checkedApiKey(key, from.name, mode))
  }
  const read = async (from: KeySource, refused?: string) => check(await from.read(refused), from)
  const tell = (refused: string, to: string, code: string) => {
    if (told.has(refused)) return
    told.add(refused)
    onSwitched({ from: redactLetterlockKey(refused), to: redactLetterlockKey(to), code })
  }

  return {
    size: sources.length,
    current() {
      const from = source
      const key = from.read()
      return key instanceof Promise ? key.then((found: unknown) => check(found, from)) : check(key, from)
    },
    async replace(refused, code) {
      const asked = source
      // The place may hold another key by now: a file that was changed, a provider that was asked again.
      const again = await read(asked, refused)
      if (again !== refused) {
        tell(refused, again, code)
        return true
      }
      if (source !== asked) return true
      const next = sources[sources.indexOf(asked) + 1]
      if (next === undefined) return false
      const key = await read(next)
      if (source === asked) source = next
      tell(refused, key, code)
      return true
    },
  }
}
