/** Writes results in batches, one batch at a time and in order; a batch that fails is tried until it is written. */
export interface ResultWriter<T> {
  readonly add: (result: T) => void
  /** Results not yet committed. */
  readonly waiting: () => readonly T[]
  /** Writes what there is; resolves when nothing waits, or the signal says that it is enough. */
  readonly drain: (signal: AbortSignal) => Promise<void>
}

export function createResultWriter<T>(options: {
  write: (batch: readonly T[]) => Promise<void>
  batch: number
  delayMs: number
  onWritten: () => void
  onError: (error: unknown) => void
}): ResultWriter<T> {
  let pending: T[] = []
  let writing: readonly T[] = []
  let timer: NodeJS.Timeout | null = null
  let failures = 0
  let stopped = false

  async function flush(): Promise<void> {
    if (timer) clearTimeout(timer)
    timer = null
    if (writing.length > 0 || pending.length === 0) return
    writing = pending.splice(0, options.batch * 2)
    try {
      await options.write(writing)
      failures = 0
      writing = []
    } catch (error) {
      failures += 1
      pending = [...writing, ...pending]
      writing = []
      options.onError(error)
    }
    options.onWritten()
    if (!stopped) schedule()
  }

  function schedule(): void {
    if (pending.length === 0 || writing.length > 0) return
    if (failures === 0 && pending.length >= options.batch) void flush()
    else timer ??= setTimeout(() => void flush(), options.delayMs * Math.min(2 ** failures, 50))
  }

  return {
    add(result) {
      pending.push(result)
      schedule()
    },
    waiting: () => [...writing, ...pending],
    async drain(signal) {
      while (!signal.aborted && pending.length + writing.length > 0) {
        if (writing.length === 0) await flush()
        if (pending.length + writing.length > 0) await new Promise((resolve) => setTimeout(resolve, 10))
      }
      stopped = true
      if (timer) clearTimeout(timer)
    },
  }
}
