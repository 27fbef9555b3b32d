import type { Polled, Proof } from '../ports.ts'
import { ProofCache } from './proof-cache.ts'
import { RefusedCache } from './refused-cache.ts'

/** Kinds of changes that say by their id which entries they concern; a `record` concerns none. */
const knownKinds = new Set(['key', 'workspace', 'role', 'plan', 'record'])

/** What is held of tokens, right and wrong ones apart, and how changes make it forgotten. */
export class KnownTokens {
  readonly proofs: ProofCache
  readonly refused: RefusedCache
  #epoch = 0

  constructor({ maxKeys, maxRefused }: { readonly maxKeys: number; readonly maxRefused: number }) {
    this.proofs = new ProofCache(maxKeys)
    this.refused = new RefusedCache(maxRefused)
  }

  /** Another one after everything was dropped: what was read before cannot be compared with what came later. */
  get epoch(): number {
    return this.#epoch
  }

  /** Forgets what changed since `seen`; everything when that cannot be told, or when the revision was set back. */
  apply({ revision, changes }: Polled, seen: number | null): void {
    if (seen === null || revision < seen || changes === 'all' || changes.some(({ kind }) => !knownKinds.has(kind))) {
      return this.#dropAll()
    }
    for (const { id } of changes) {
      this.proofs.drop(id)
      this.refused.drop(id)
    }
  }

  /** Holds a proof of this epoch, unless a change that it may not know of was seen meanwhile: then no fill is right. */
  remember(proof: Proof, about: { readonly hash: string; readonly claimedId: string; readonly seen: number | null; readonly epoch: number }): void {
    const { hash, claimedId, seen, epoch } = about
    if (seen === null || proof.revision < seen || epoch !== this.#epoch) return
    if (proof.key === null) {
      this.proofs.delete(hash)
      this.refused.put(hash, claimedId)
    } else {
      this.refused.delete(hash)
      this.proofs.put(hash, proof.key)
    }
  }

  #dropAll(): void {
    this.#epoch += 1
    this.proofs.clear()
    this.refused.clear()
  }
}
