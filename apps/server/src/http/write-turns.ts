export interface WriteTurnsLimits {
  /** How many writes of one environment run at once. */
  readonly atOnce: number
  /** How long one waits for its turn. */
  readonly waitMs: number
}

/** Begins the work of the one who waits. */
type Begin = () => void

interface Line {
  running: number
  /** In the order they came. */
  readonly waiting: Set<Begin>
}

/**
 * Lets a few writes of each environment run at once; the others wait in order, before they take a connection. So one
 * tenant can neither hold the whole pool nor stand in it behind its own locks.
 */
export class WriteTurns {
  readonly #limits: WriteTurnsLimits
  readonly #lines = new Map<string, Line>()

  constructor(limits: WriteTurnsLimits = { atOnce: 4, waitMs: 10_000 }) {
    this.#limits = limits
  }

  /** What `work` returns or throws; `'no_turn'`, without having begun it, when its turn did not come in time. */
  async run<T>(environmentId: string, work: () => Promise<T>): Promise<T | 'no_turn'> {
    const line = this.#lines.get(environmentId) ?? { running: 0, waiting: new Set() }
    this.#lines.set(environmentId, line)
    if (line.running < this.#limits.atOnce) line.running++
    else if (!(await this.#turnOf(line))) return 'no_turn'
    try {
      return await work()
    } finally {
      this.#passOn(environmentId, line)
    }
  }

  #turnOf(line: Line): Promise<boolean> {
    return new Promise((resolve) => {
      const begin = () => {
        clearTimeout(timer)
        resolve(true)
      }
      const timer = setTimeout(() => {
        line.waiting.delete(begin)
        resolve(false)
      }, this.#limits.waitMs)
      line.waiting.add(begin)
    })
  }

  /** The turn goes to the next in line, without being free in between; an environment at rest leaves nothing behind. */
  #passOn(environmentId: string, line: Line): void {
    const [next] = line.waiting
    if (next) {
      line.waiting.delete(next)
      return next()
    }
    if (--line.running === 0) this.#lines.delete(environmentId)
  }
}
