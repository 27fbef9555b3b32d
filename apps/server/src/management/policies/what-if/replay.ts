import type { KeyId, RequestId } from '@letterlock/contract'
import { classOf } from '../../usage/outcome-status.ts'

/** A request as it was recorded. */
export interface RecordedRequest {
  readonly requestId: RequestId
  readonly at: Date
  readonly keyId: KeyId
  readonly operation: string
  readonly outcome: string
  readonly ip: string | null
}

/** Why a request would have been stopped. */
export interface Cause {
  readonly rule: string
  readonly message: string
}

/** Says what would have stopped a request; it is shown them in the order of time, and may remember. */
export type Judge = (request: RecordedRequest) => readonly Cause[]

/** The requests of one key that one cause would have stopped. */
export interface Tally extends Cause {
  readonly keyId: KeyId
  readonly stopped: number
  readonly first: RecordedRequest
  readonly last: RecordedRequest
  /** The first of them. */
  readonly samples: readonly RecordedRequest[]
}

export interface Replay {
  readonly look: (request: RecordedRequest) => void
  readonly tallies: () => Tally[]
  /** How many requests were shown, and how many of them were refused or limited then already. */
  readonly counts: () => { readonly lookedAt: number; readonly refusedThen: number }
}

const samplesOfEach = 5

/**
 * Shows recorded requests to a judge and counts what he would have stopped of those that were let in. A request that was
 * limited then is shown too, since another limit may let it in; one whose key was refused then is not.
 */
export function createReplay(judge: Judge): Replay {
  const tallies = new Map<string, Tally>()
  let [lookedAt, refusedThen] = [0, 0]
  return { look, tallies: () => [...tallies.values()], counts: () => ({ lookedAt, refusedThen }) }

  function look(request: RecordedRequest): void {
    const then = classOf(request.outcome)
    const causes = then === 'refused' ? [] : judge(request)
    const wasStopped = then === 'refused' || then === 'limited'
    lookedAt += 1
    if (wasStopped) refusedThen += 1
    else for (const cause of causes) count(request, cause)
  }

  function count(request: RecordedRequest, { rule, message }: Cause): void {
    const name = `${request.keyId} ${rule} ${message}`
    const tally = tallies.get(name)
    const { stopped = 0, first = request, samples = [] } = tally ?? {}
    tallies.set(name, {
      keyId: request.keyId, rule, message, first, last: request,
      stopped: stopped + 1,
      samples: samples.length < samplesOfEach ? [...samples, request] : samples,
    })
  }
}
