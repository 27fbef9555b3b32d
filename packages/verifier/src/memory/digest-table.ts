/** What is found by a digest. */
export interface Digested {
  /** A digest as Latin-1, a character for each byte; 4 or more. */
  readonly hash: string
}

/**
 * A hash table for entries whose keys are hashes already: the first four bytes of a digest say where it is looked for, by
 * open addressing with linear probing. A `Map` would hash the digest once more and walk from its bucket to its entry,
 * which is a fifth of a check. Only for digests that nobody can choose, such as those of proven tokens: whoever made
 * many that begin alike would make it slow.
 */
export class DigestTable<Entry extends Digested> {
  #places: (Entry | null)[] = emptyPlaces(16)
  #size = 0

  get size(): number {
    return this.#size
  }

  get(hash: string): Entry | undefined {
    return this.#places[this.#placeOf(hash)] ?? undefined
  }

  /** Puts the entry in the place of what was under its digest. */
  set(entry: Entry): void {
    const place = this.#placeOf(entry.hash)
    const isNew = this.#places[place] === null
    this.#places[place] = entry
    if (isNew && ++this.#size * 2 > this.#places.length) this.#grow()
  }

  /** Leaves no mark behind: what was pushed past the place moves back, so look-ups stay short however much comes and goes. */
  delete(hash: string): void {
    const places = this.#places
    let gap = this.#placeOf(hash)
    if (places[gap] === null) return
    this.#size -= 1
    for (let place = this.#after(gap); ; place = this.#after(place)) {
      const entry = places[place]
      if (!entry) break
      const isPastGap = this.#distance(this.#home(entry.hash), place) >= this.#distance(gap, place)
      if (!isPastGap) continue
      places[gap] = entry
      gap = place
    }
    places[gap] = null
  }

  clear(): void {
    this.#places = emptyPlaces(16)
    this.#size = 0
  }

  /** Where the digest is, or would be: half of the places are empty, so the walk ends. */
  #placeOf(hash: string): number {
    const places = this.#places
    for (let place = this.#home(hash); ; place = this.#after(place)) {
      const entry = places[place]
      if (!entry || entry.hash === hash) return place
    }
  }

  #home(hash: string): number {
    return (hash.charCodeAt(0) | (hash.charCodeAt(1) << 8) | (hash.charCodeAt(2) << 16) | (hash.charCodeAt(3) << 24)) & (this.#places.length - 1)
  }

  #after(place: number): number {
    return (place + 1) & (this.#places.length - 1)
  }

  /** How many places on, round the end. */
  #distance(from: number, to: number): number {
    return (to - from) & (this.#places.length - 1)
  }

  #grow(): void {
    const entries = this.#places
    this.#places = emptyPlaces(entries.length * 2)
    for (const entry of entries) if (entry) this.#places[this.#placeOf(entry.hash)] = entry
  }
}

/** @param count a power of two */
function emptyPlaces(count: number): null[] {
  return Array.from<null>({ length: count }).fill(null)
}
