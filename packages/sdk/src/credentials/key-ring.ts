/** The key of a client: where it is found, and which comes after it when the server says that its time is over. */
import { checkedApiKey, type ExpectedMode } from '../api-key.ts'
import type { KeySource } from './key-source.ts'

/** The keys of one client. */
export interface KeyRing {
  /** The key to use now. @throws LetterlockError when there is none, or one that is certainly wrong */
  current(): Promise<string>
}

export function keyRing(sources: readonly [KeySource, ...KeySource[]], mode: ExpectedMode | undefined): KeyRing {
  const [first] = sources
  return {
    current: async () => checkedApiKey(await first.read(), first.name, mode),
  }
}
