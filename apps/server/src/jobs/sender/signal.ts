/** Lets one loop wait until something changed, or for a while. A notice given before the wait is not lost. */
export interface Signal {
  readonly notify: () => void
  readonly wait: (timeoutMs: number) => Promise<void>
}

export function createSignal(): Signal {
  let noticed = false
  let wakeUp: (() => void) | null = null
  return {
    notify() {
      noticed = true
      wakeUp?.()
    },
    async wait(timeoutMs) {
      if (!noticed) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs)
          wakeUp = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        wakeUp = null
      }
      noticed = false
    },
  }
}
