/** What the program is told by its surroundings: the only place that looks at the environment and the clock. */

export type Environment = Readonly<Record<string, string | undefined>>

export function environment(): Environment {
  return process.env
}

/** Milliseconds since 1970. */
export function clock(): number {
  return Date.now()
}

/** git fetches nothing, waits for no lock and speaks English. */
export function gitEnvironment(): Environment {
  return { ...process.env, GIT_NO_LAZY_FETCH: '1', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' }
}
