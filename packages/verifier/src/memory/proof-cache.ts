import type { ProvenKey } from '../policy/ask.ts'
import { type Digested, DigestTable } from './digest-table.ts'
import { DropIndex } from './drop-index.ts'
import type { SeatHolder } from '../limits/take-tokens.ts'

/**
 * A proven key under the SHA-256 of its token, in a ring from the newest to the oldest. It is the proven key, and does not
 * refer to one: a check of one key among many costs what it has to fetch into the processor's cache.
 */
export interface CachedProof extends Digested, SeatHolder, ProvenKey {
  /** Asked for since the hand passed. */
  isVisited: boolean
  newer: CachedProof | null
  older: CachedProof | null
}

/**
 * Proven keys, at most so many. Eviction is SIEVE (NSDI 2024): new entries that are not asked for again are the first
 * to go, so a stream of one-time keys does not push out those in use; a hit writes one bit and moves nothing.
 */
export class ProofCache {
  readonly #proofs = new DigestTable<CachedProof>()
  readonly #index = new DropIndex<CachedProof>()
  readonly #maxKeys: number
  #newest: CachedProof | null = null
  #oldest: CachedProof | null = null
  #hand: CachedProof | null = null

  /** @param maxKeys 1 or more */
  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#proofs.size
  }

  /** The entry of a hash; mark it visited when it is used. */
  get(hash: string): CachedProof | undefined {
    return this.#proofs.get(hash)
  }

  /** Puts a proven key in the place of what was under the hash. */
  put(hash: string, key: ProvenKey): void {
    this.delete(hash)
    if (this.#proofs.size >= this.#maxKeys) this.#evict()
    const { record, secretVersion, superseded, secretRetiresAt } = key
    const proof: CachedProof = {
      record, seats: undefined, secretRetiresAt, secretVersion, superseded, isVisited: false, hash, newer: null, older: this.#newest,
    }
    if (this.#newest) this.#newest.newer = proof
    this.#newest = proof
    this.#oldest ??= proof
    this.#proofs.set(proof)
    for (const id of idsOf(key)) this.#index.add(id, proof)
  }

  delete(hash: string): void {
    const proof = this.#proofs.get(hash)
    if (proof) this.#remove(proof)
  }

  /** Drops the entries of a key, or those that depend on a workspace, role or plan. */
  drop(id: string): void {
    for (const proof of this.#index.get(id)) this.#remove(proof)
  }

  clear(): void {
    this.#proofs.clear()
    this.#index.clear()
    this.#newest = this.#oldest = this.#hand = null
  }

  /** The hand goes from old to new and spares, once, what was visited. */
  #evict(): void {
    let proof = this.#hand ?? this.#oldest
    while (proof?.isVisited) {
      proof.isVisited = false
      proof = proof.newer ?? this.#oldest
    }
    this.#hand = proof?.newer ?? null
    if (proof) this.#remove(proof)
  }

  #remove(proof: CachedProof): void {
    this.#proofs.delete(proof.hash)
    for (const id of idsOf(proof)) this.#index.delete(id, proof)
    if (this.#hand === proof) this.#hand = proof.newer
    if (proof.newer) proof.newer.older = proof.older
    else this.#newest = proof.older
    if (proof.older) proof.older.newer = proof.newer
    else this.#oldest = proof.newer
  }
}

function idsOf({ record }: ProvenKey): readonly string[] {
  return [record.keyId, ...record.dependsOn]
}
