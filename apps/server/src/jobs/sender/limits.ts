/** The numbers of sending. */
export interface SenderLimits {
  /** SMTP connections of one transport. */
  readonly connections: number
  /** How many of them campaigns leave to transactional mail. */
  readonly reservedConnections: number
  /** Recipients attempted without a committed result, at most: what a crash can turn 'unknown'. */
  readonly inFlightWindow: number
  /** Attempts committed together. */
  readonly attemptBatch: number
  /** Recipients claimed together, and how few may be left before the next are claimed. */
  readonly claimBatch: number
  readonly refillBelow: number
  /** Contacts frozen in one transaction. */
  readonly freezeBatch: number
  /** Results are written when there are so many, or after so long. */
  readonly resultBatch: number
  readonly resultDelayMs: number
  readonly leaseMs: number
  readonly heartbeatMs: number
  readonly pollMs: number
  /** Tries at a recipient whose server answers 4xx. */
  readonly maxAttempts: number
  /** Back-off per recipient: full jitter up to `base · 2^(attempt − 1)`, at most `cap`. */
  readonly retryBaseMs: number
  readonly retryCapMs: number
  /** Back-off of a whole transport that cannot be reached. */
  readonly unreachableBaseMs: number
  readonly unreachableCapMs: number
  /** A campaign pauses when, of its last `healthWindow` results, at least `healthMinimum`, this share went wrong. */
  readonly healthWindow: number
  readonly healthMinimum: number
  readonly maxFailedShare: number
  readonly maxBouncedShare: number
  readonly maxComplainedShare: number
  /** Hopelessly throttled: so many 4xx in a row and nothing accepted for so long. */
  readonly throttledInARow: number
  readonly throttledForMs: number
  /** How long a stop waits for hand-overs under way. */
  readonly drainMs: number
}

export const defaultLimits: SenderLimits = {
  connections: 10,
  reservedConnections: 2,
  inFlightWindow: 40,
  attemptBatch: 16,
  claimBatch: 250,
  refillBelow: 125,
  freezeBatch: 5_000,
  resultBatch: 8,
  resultDelayMs: 10,
  leaseMs: 15_000,
  heartbeatMs: 5_000,
  pollMs: 500,
  maxAttempts: 8,
  retryBaseMs: 60_000,
  retryCapMs: 3_600_000,
  unreachableBaseMs: 1_000,
  unreachableCapMs: 60_000,
  healthWindow: 200,
  healthMinimum: 100,
  maxFailedShare: 0.2,
  maxBouncedShare: 0.1,
  maxComplainedShare: 0.02, // of a window of hundreds: a single complaint must not stop a campaign
  throttledInARow: 200,
  throttledForMs: 600_000,
  drainMs: 20_000,
}

/** A window that keeps so many connections busy while the database commits. */
export function windowFor(connections: number): number {
  return Math.max(defaultLimits.inFlightWindow, connections * 4)
}
