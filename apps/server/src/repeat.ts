/** Runs `work` every `everyMs`, never twice at a time; `stop` waits for the run under way. */
export function repeat(everyMs: number, work: () => Promise<void>, onError: (error: unknown) => void): { stop: () => Promise<void> } {
  let running: Promise<void> = Promise.resolve()
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    running = work().catch(onError).finally(() => (busy = false))
  }, everyMs)
  timer.unref()
  return {
    stop: () => {
      clearInterval(timer)
      return running
    },
  }
}
