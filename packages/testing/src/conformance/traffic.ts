import type { Program } from './program.ts'

/** How a program is put to work. */
export interface Load {
  /** How many pieces of work. */
  readonly calls: number
  /** How many at a time. */
  readonly concurrency: number
  /** How long a piece of work may take until it counts as failed, in milliseconds. */
  readonly patienceMs: number
}

/** What became of the work. */
export interface Traffic {
  readonly calls: number
  readonly failed: number
  /** How often each failure was seen, by its code. */
  readonly failures: Readonly<Record<string, number>>
}

/** What happens while the work goes on: after this share of it has begun. */
export interface Turn {
  readonly after: number
  readonly happens: () => void
}

/** Lets the program work; turns happen in the middle of it, with other pieces of work under way. */
export async function runTraffic({ work }: Program, load: Load, turns: readonly Turn[] = []): Promise<Traffic> {
  const { calls, concurrency, patienceMs } = load
  const failures: Record<string, number> = {}
  const waiting = [...turns]
  let begun = 0
  await Promise.all(Array.from({ length: Math.min(concurrency, calls) }, async () => {
    while (begun < calls) {
      while (waiting[0] && begun >= Math.floor(waiting[0].after * calls)) waiting.shift()?.happens()
      begun += 1
      const failure = await failureOf(work, patienceMs)
      if (failure !== null) failures[failure] = (failures[failure] ?? 0) + 1
    }
  }))
  return { calls, failures, failed: Object.values(failures).reduce((sum, count) => sum + count, 0) }
}

/** The code of the failure, its name where it has none; null when the work was done. No message: who knows what is in it. */
async function failureOf(work: () => Promise<unknown>, patienceMs: number): Promise<string | null> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const impatience = new Promise<string>((resolve) => (timer = setTimeout(() => resolve('no_end'), patienceMs)))
  // one that throws before it answers a promise has failed too
  const done = new Promise((resolve) => resolve(work())).then(() => null, nameOf)
  return Promise.race([done, impatience]).finally(() => clearTimeout(timer))
}

function nameOf(error: unknown): string {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown }
  const text = typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown'
  return text.slice(0, 60)
}
