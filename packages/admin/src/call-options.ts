/** Settings of one call. */
export interface CallOptions {
  /** Stops the call, and what it waits for. What the server has begun it may finish. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds that one attempt may take, body included. */
  readonly timeoutMs?: number | undefined
}
