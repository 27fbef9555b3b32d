/** Which entries an id concerns. Most ids concern one, which is then held without a set around it. */
export class DropIndex<Entry extends object> {
  readonly #entries = new Map<string, Entry | Set<Entry>>()

  /** The entries of an id as of now: they may be deleted while they are gone through. */
  get(id: string): Entry[] {
    const found = this.#entries.get(id)
    if (found === undefined) return []
    return found instanceof Set ? [...found] : [found]
  }

  add(id: string, entry: Entry): void {
    const found = this.#entries.get(id)
    if (found === undefined) this.#entries.set(id, entry)
    else if (found instanceof Set) found.add(entry)
    else if (found !== entry) this.#entries.set(id, new Set([found, entry]))
  }

  delete(id: string, entry: Entry): void {
    const found = this.#entries.get(id)
    if (found instanceof Set) {
      found.delete(entry)
      if (found.size === 0) this.#entries.delete(id)
    } else if (found === entry) {
      this.#entries.delete(id)
    }
  }

  clear(): void {
    this.#entries.clear()
  }
}
