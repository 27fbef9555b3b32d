import { DropIndex } from './drop-index.ts'

interface Refused {
  readonly hash: string
  /** The key id in the token, or `foreignKeysId`. */
  readonly claimedId: string
}

/** Tokens that are known to be wrong, by their SHA-256; the first in is the first out, apart from all good keys. */
export class RefusedCache {
  readonly #refused = new Map<string, Refused>() // in the order they came in
  readonly #index = new DropIndex<Refused>()
  readonly #maxRefused: number

  /** @param maxRefused 1 or more */
  constructor(maxRefused: number) {
    this.#maxRefused = maxRefused
  }

  get size(): number {
    return this.#refused.size
  }

  has(hash: string): boolean {
    return this.#refused.has(hash)
  }

  put(hash: string, claimedId: string): void {
    this.delete(hash)
    if (this.#refused.size >= this.#maxRefused) this.#forgetFirst()
    const entry: Refused = { hash, claimedId }
    this.#refused.set(hash, entry)
    this.#index.add(claimedId, entry)
  }

  delete(hash: string): void {
    const entry = this.#refused.get(hash)
    if (!entry) return
    this.#refused.delete(hash)
    this.#index.delete(entry.claimedId, entry)
  }

  /** Drops what was refused of a key: it may have been made since, or have another secret. */
  drop(claimedId: string): void {
    for (const { hash } of this.#index.get(claimedId)) this.delete(hash)
  }

  clear(): void {
    this.#refused.clear()
    this.#index.clear()
  }

  #forgetFirst(): void {
    for (const hash of this.#refused.keys()) {
      this.delete(hash)
      return
    }
  }
}
