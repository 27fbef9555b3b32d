import type { TestServer } from '../create-test-server.ts'
import type { TestKey } from '../keys/test-keys.ts'
import type { Program } from './program.ts'
import type { Traffic, Turn } from './traffic.ts'

/** Where a scenario plays: a server and a program of its own. */
export interface Stage {
  readonly server: TestServer
  /** The key that the program was started with. */
  readonly key: TestKey
  readonly program: Program
  /** Puts a key where the program finds it. */
  readonly putKey: (token: string) => void
  /** Lets the program work: all of its calls, or so many of them at most. */
  readonly work: (turns?: readonly Turn[], most?: number) => Promise<Traffic>
}

/** How it ended. */
export interface Finding extends Traffic {
  /** What the program did that it should not, besides failing. */
  readonly remarks: readonly string[]
}

export interface Scenario {
  /** What a program does that passes it: `survives rotation`. */
  readonly claim: string
  readonly run: (stage: Stage) => Promise<Finding>
  /** Only for programs that have a receiver of webhooks. */
  readonly needsReceiver?: true
}

/** Limits that no program reaches: where limits are not what is tried, they must not be in the way. */
export const wideLimits = [{ name: 'default', limit: '1000000/1s' }]

/** How many requests came while something was done, and what was done. */
export async function requestsDuring<T>({ server }: Stage, act: () => Promise<T>): Promise<{ result: T; requests: number }> {
  const before = server.requests.length
  const result = await act()
  return { result, requests: server.requests.length - before }
}

/** Work that must end with a failure, each piece: what was done all the same counts as failed. */
export function mustFail({ calls, failed }: Traffic): Traffic {
  const done = calls - failed
  return { calls, failed: done, failures: done > 0 ? { was_done: done } : {} }
}

/** Several parts of a scenario as one. */
export function together(...parts: readonly Traffic[]): Traffic {
  const failures: Record<string, number> = {}
  for (const [code, count] of parts.flatMap((part) => Object.entries(part.failures))) failures[code] = (failures[code] ?? 0) + count
  const sum = (of: (part: Traffic) => number) => parts.reduce((total, part) => total + of(part), 0)
  return { calls: sum(({ calls }) => calls), failed: sum(({ failed }) => failed), failures }
}
