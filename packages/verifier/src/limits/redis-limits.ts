import type { TakeShared } from './guarded-limits.ts'
import { answerOf } from './limit-answer.ts'
import { takeTokensScript } from './take-tokens-script.ts'
import type { Taken } from './take-tokens.ts'

/** A script for Redis or Valkey and the SHA-1 it is known by there. */
export interface LimitScript {
  readonly source: string
  readonly sha1: string
}

/**
 * Port: runs a script on Redis or Valkey by EVALSHA, and by EVAL where it is not loaded (NOSCRIPT).
 * All keys of a call have one hash tag, so that they are in one slot of a Cluster. It must not queue while there is
 * no connection, nor repeat a call: the caller has a deadline and another way.
 * @throws when it did not run, or nobody knows whether it did
 */
export type RunScript = (script: LimitScript, keys: readonly string[], args: readonly string[]) => Promise<unknown>

/**
 * Rate limits that all nodes share, exact over all of them: one call per request for all its limits, all or nothing,
 * in the time of the Redis server. Use it behind `guardedLimits`: this one throws when Redis is out.
 */
export function redisLimits({ run }: { readonly run: RunScript }): TakeShared {
  return async ({ limits, cost, spent }): Promise<Taken> => {
    if (limits.length === 0) return { taken: true, limits: [] }
    const keys = limits.map(({ bucket }) => bucket)
    const numbers = limits.flatMap(({ count, periodMs, burst }, i) => [count, periodMs, burst, spent?.[i] ?? 0])
    const answer = await run(takeTokensScript, keys, [cost, ...numbers].map(String))
    if (!isAnswer(answer, limits.length)) throw new Error('The script of the rate limits answered something else.')
    const [taken, atMs, ...levels] = answer
    return answerOf(limits, levels.map((level) => ({ level, atMs })), { taken: taken === 1, cost })
  }
}

function isAnswer(answer: unknown, count: number): answer is [taken: number, atMs: number, ...levels: number[]] {
  return Array.isArray(answer) && answer.length === count + 2 && answer.every((part) => typeof part === 'number')
}
