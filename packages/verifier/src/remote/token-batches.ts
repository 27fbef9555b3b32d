import type { KeyToken } from '@letterlock/keys'
import type { Proof } from '../index.ts'
import { RemoteVerifierError } from './remote-error.ts'

interface Waiting {
  readonly token: KeyToken
  readonly resolve: (proof: Proof) => void
  readonly reject: (error: unknown) => void
}

export interface TokenBatchesOptions {
  /** Asks about some tokens at once; answers in their order, within a deadline of its own. */
  readonly ask: (tokens: readonly KeyToken[]) => Promise<readonly Proof[]>
  readonly maxPerBatch: number
  readonly maxParallel: number
  /** How many may wait for their turn; the next one is refused. */
  readonly maxWaiting: number
}

/**
 * Asks about tokens together: those of one turn of the event loop go in one request, a few requests at a time.
 * What came while all requests were busy goes with the next one.
 */
export function tokenBatches({ ask, maxPerBatch, maxParallel, maxWaiting }: TokenBatchesOptions): (token: KeyToken) => Promise<Proof> {
  const waiting: Waiting[] = []
  let running = 0
  let isDue = false
  return (token) => {
    if (waiting.length >= maxWaiting) return Promise.reject(new RemoteVerifierError('overloaded', `${maxWaiting} keys wait to be asked about.`))
    return new Promise((resolve, reject) => {
      waiting.push({ token, resolve, reject })
      if (isDue) return
      isDue = true
      setImmediate(send)
    })
  }

  function send(): void {
    isDue = false
    while (waiting.length > 0 && running < maxParallel) {
      running += 1
      void settle(waiting.splice(0, maxPerBatch)).then(() => {
        running -= 1
        send()
      })
    }
  }

  async function settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const proofs = await ask(batch.map(({ token }) => token))
      if (proofs.length !== batch.length) throw new RemoteVerifierError('bad_answer', 'There is not one proof for each key.')
      batch.forEach(({ resolve }, i) => resolve(proofs[i] as Proof)) // as many
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}
