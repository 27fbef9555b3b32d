/** The part of `Headers` that is used of an answer. */
export interface HeaderReader {
  get(name: string): string | null
}
