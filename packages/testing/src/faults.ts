import type { ErrorCode, OperationId } from '@letterlock/contract'

/** What goes wrong: an answer with a code, a connection that is cut, or one on which no answer comes. */
export type FaultKind = ErrorCode | 'connection_reset' | 'no_answer'

/** Which requests a fault hits. */
export interface FaultScope {
  /** How many; all until `clear()` unless given. */
  readonly times?: number
  /** All operations unless given. */
  readonly operation?: OperationId
  /** The `Retry-After` of the answer. */
  readonly retryAfterSeconds?: number
  /** The work is done before it goes wrong, as when an answer is lost on its way. */
  readonly afterwards?: boolean
}

/** What goes wrong on purpose. */
export interface TestFaults {
  /** The next requests meet the fault before their key is looked at. Faults are used up in the order they were added. */
  readonly add: (kind: FaultKind, scope?: FaultScope) => void
  /** All goes well again; requests without an answer are cut. */
  readonly clear: () => void
}

export interface Fault extends FaultScope {
  readonly kind: FaultKind
}

export interface FaultList extends TestFaults {
  /** The fault that a request meets, which counts as used. */
  readonly meet: (operation: OperationId | null) => Fault | null
  /** Waits until the faults are cleared, and answers how the connection ends then. */
  readonly untilCleared: () => Promise<ConnectionCut>
}

export function faultList(): FaultList {
  let faults: { fault: Fault; left: number }[] = []
  const waiting: ((end: ConnectionCut) => void)[] = []
  return { add, clear, meet, untilCleared }

  function add(kind: FaultKind, { times = Infinity, ...scope }: FaultScope = {}): void {
    if (times !== Infinity && (!Number.isSafeInteger(times) || times < 1)) throw new RangeError(`times must be a whole number from 1, got ${times}`)
    faults.push({ fault: { kind, ...scope }, left: times })
  }

  function clear(): void {
    faults = []
    for (const end of waiting.splice(0)) end(new ConnectionCut())
  }

  function meet(operation: OperationId | null): Fault | null {
    const met = faults.find(({ fault }) => fault.operation === undefined || fault.operation === operation)
    if (!met) return null
    met.left -= 1
    if (met.left === 0) faults = faults.filter((each) => each !== met)
    return met.fault
  }

  function untilCleared(): Promise<ConnectionCut> {
    return new Promise((resolve) => waiting.push(resolve))
  }
}

/** The connection ends without an answer. */
export class ConnectionCut extends Error {
  override readonly name = 'ConnectionCut'
  readonly code = 'ECONNRESET'
  constructor() {
    super('The test server cut the connection.')
  }
}
