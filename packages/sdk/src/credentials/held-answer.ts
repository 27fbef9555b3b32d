/** Keeps what a function answered for a while; callers at the same time share one question. */
export interface HeldAnswer {
  /** What is held, or else asked for. An answer that equals `refused` is not given again from memory. */
  get(refused?: string): Promise<string>
}

/** A question that is older than this hangs: the next caller asks for himself. */
const longestShareMs = 30_000

/** A question that fails is not held: the next caller asks again. */
export function holdAnswer(ask: () => Promise<string> | string, forMs: number, now: () => number): HeldAnswer {
  let held: { readonly answer: string; readonly until: number } | undefined
  let asking: { readonly answer: Promise<string>; readonly since: number } | undefined

  async function askNow(): Promise<string> {
    const answer = await ask()
    held = { answer, until: now() + forMs }
    return answer
  }

  return {
    get(refused) {
      if (held && held.answer !== refused && now() < held.until) return Promise.resolve(held.answer)
      if (asking && now() - asking.since < longestShareMs) return asking.answer
      const mine = { since: now(), answer: askNow().finally(() => { if (asking === mine) asking = undefined }) }
      asking = mine
      return mine.answer
    },
  }
}
