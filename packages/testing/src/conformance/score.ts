import type { ScenarioName } from './scenarios.ts'
import type { Traffic } from './traffic.ts'

/** How a program did in one scenario. */
export interface ScenarioScore extends Traffic {
  readonly name: ScenarioName
  /** What a program does that passes it. */
  readonly claim: string
  readonly passed: boolean
  /** What it did that it should not, besides failing. */
  readonly remarks: readonly string[]
}

/** How a program copes with what servers do. */
export interface Score {
  readonly scenarios: readonly ScenarioScore[]
  /** How many of them it passed. */
  readonly passed: number
  /** All of it as text, a line for each scenario. */
  readonly text: string
}

export function scoreOf(scenarios: readonly ScenarioScore[]): Score {
  const passed = scenarios.filter((score) => score.passed).length
  return { scenarios, passed, text: [...scenarios.flatMap(linesOf), '', `${passed} of ${scenarios.length} passed`].join('\n') }
}

/** A line, and below it what went wrong. */
function linesOf({ passed, claim, calls, failed, failures, remarks }: ScenarioScore): string[] {
  const codes = Object.entries(failures).map(([code, count]) => `${code} × ${grouped(count)}`)
  return [`${passed ? 'ok    ' : 'FAILED'}  ${claim}: ${grouped(failed)} failed of ${grouped(calls)}`, ...[...codes, ...remarks].map((line) => `          ${line}`)]
}

/** 4200 as `4 200`. */
function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ' ')
}
