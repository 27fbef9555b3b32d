import { isDeepStrictEqual } from 'node:util'

/** The members that differ, as they are and as they are wanted. */
export interface Differences<T> {
  readonly before: Partial<T>
  readonly after: Partial<T>
}

/** What is wanted otherwise than it is; null when nothing is. Absent members are left as they are, null ones are empty. */
export function differences<T extends object>(
  current: T, wanted: { readonly [K in keyof T]?: NonNullable<T[K]> | null | undefined },
): Differences<T> | null {
  const names = (Object.keys(wanted) as (keyof T)[]).filter(
    (name) => wanted[name] !== undefined && !isDeepStrictEqual(current[name] ?? null, wanted[name]),
  )
  if (names.length === 0) return null
  return { before: pick(current, names), after: pick(wanted as Partial<T>, names) }
}

function pick<T extends object>(from: Partial<T>, names: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(names.map((name) => [name, from[name] ?? null])) as Partial<T> // the members named
}
