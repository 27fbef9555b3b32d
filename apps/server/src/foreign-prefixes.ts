import type { Polled } from '@letterlock/verifier'

/** What foreign tokens begin with, as this node knows it. */
export interface ForeignPrefixes {
  /** Null until they were read for the first time. */
  readonly list: () => readonly string[] | null
  /**
   * Gives an answer about changes on, once the prefixes are as recent as it: they are read again when they may have
   * changed, so that whoever has seen a revision knows the prefixes of it.
   * @throws when they have to be read and cannot be; the answer proves nothing then
   */
  readonly after: <Answer extends Pick<Polled, 'changes'>>(polled: Answer) => Promise<Answer>
}

/**
 * Follows the declared prefixes: an import that declares one is a change of kind `policy`, so they are read a few times
 * in the life of a process, and never for a request.
 * @param learn told of all of them after each read
 */
export function followForeignPrefixes(read: () => Promise<string[]>, learn: (prefixes: readonly string[]) => void = () => {}): ForeignPrefixes {
  let prefixes: readonly string[] | null = null
  return {
    list: () => prefixes,
    async after(polled) {
      if (polled.changes === 'all' || polled.changes.some(({ kind }) => kind === 'policy')) {
        prefixes = await read()
        learn(prefixes)
      }
      return polled
    },
  }
}
