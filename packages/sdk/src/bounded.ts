/** Bounds work in time, also work that does not heed its signal. */

export interface Bounds {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** What the work answers; or `aborted` by the caller's signal; or `late`. */
export async function bounded<T>(work: (signal: AbortSignal) => Promise<T>, { timeoutMs, signal }: Bounds): Promise<T | 'aborted' | 'late'> {
  const stop = new AbortController()
  const abort = () => stop.abort()
  const stopped = new Promise<'aborted' | 'late'>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve(signal?.aborted ? 'aborted' : 'late'), { once: true })
  })
  if (signal?.aborted) return 'aborted'
  signal?.addEventListener('abort', abort, { once: true })
  const timer = setTimeout(abort, timeoutMs)
  try {
    return await Promise.race([work(stop.signal), stopped])
  } catch (error) {
    if (stop.signal.aborted) return stopped
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}
