import type { KeyId } from '@letterlock/contract'
import { DropIndex } from './drop-index.ts'

interface Refused {
  readonly hash: string
  readonly keyId: KeyId
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

  put(hash: string, keyId: KeyId): void {
    this.delete(hash)
    if (this.#refused.size >= this.#maxRefused) this.#forgetFirst()
    const entry: Refused = { hash, keyId }
    this.#refused.set(hash, entry)
    this.#index.add(keyId, entry)
  }

  delete(hash: string): void {
    const entry = this.#refused.get(hash)
    if (!entry) return
    this.#refused.delete(hash)
    this.#index.delete(entry.keyId, entry)
  }

  /** Drops what was refused of a key: it may have been made since, or have another secret. */
  drop(keyId: string): void {
    for (const { hash } of this.#index.get(keyId)) this.delete(hash)
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
