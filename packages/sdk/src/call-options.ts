/** Settings of one call; what is absent comes from the client. */
export interface CallOptions {
  /** Stops the call, also while it waits for its next attempt: the promise is rejected with `AbortedError`. */
  signal?: AbortSignal | undefined
  /** Milliseconds that one attempt may take, body included. */
  timeoutMs?: number | undefined
  /** Milliseconds that the call may take with all its attempts and waits. */
  deadlineMs?: number | undefined
  /** How often a failed attempt is repeated; 0 to 10. */
  maxRetries?: number | undefined
  /**
   * 1 to 255 visible ASCII characters that name this effect: within 24 hours the same key and body get the first
   * answer again. Sent on POST only; without it each call makes its own, stable over its retries.
   */
  idempotencyKey?: string | undefined
  /** Further request headers; `Authorization` and those of the protocol cannot be replaced. */
  headers?: Readonly<Record<string, string>> | undefined
}
