import { createTestServer } from '../create-test-server.ts'
import type { Program, StartProgram } from './program.ts'
import { type Scenario, wideLimits } from './scenario.ts'
import { type ScenarioName, scenarios, webhookSecrets } from './scenarios.ts'
import { type ScenarioScore, type Score, scoreOf } from './score.ts'
import { type Load, runTraffic } from './traffic.ts'

export interface ScoreOptions extends Partial<Load> {
  /** All unless given. */
  readonly scenarios?: readonly ScenarioName[]
}

/**
 * Leads a program through what happens to keys, limits and connections, each on a server in memory of its own, and says
 * how it did. Its work is done 300 times, 4 at a time, and may take 60 s each, unless you say otherwise.
 * @throws RangeError for a load or a scenario that is none, and what the program throws when it is started
 * @example
 * const score = await scoreProgram(({ baseUrl, readKey }) => {
 *   const letterlock = new Letterlock({ baseUrl, apiKey: readKey })
 *   return { work: () => letterlock.lists.create({ name: 'Readers' }) }
 * })
 * console.log(score.text) // ok      survives rotation: 0 failed of 300
 */
export async function scoreProgram(
  start: StartProgram, { calls = 300, concurrency = 4, patienceMs = 60_000, scenarios: wanted = allNames }: ScoreOptions = {},
): Promise<Score> {
  const load = { calls, concurrency, patienceMs }
  for (const [name, value] of Object.entries(load)) {
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number from 1, got ${value}`)
  }
  const unknown = wanted.find((name) => !Object.hasOwn(scenarios, name))
  if (unknown !== undefined) throw new RangeError(`There is no scenario ${JSON.stringify(unknown)}; there are ${allNames.join(', ')}.`)
  const scores: ScenarioScore[] = []
  for (const name of wanted) {
    const score = await play(name, start, load)
    if (score) scores.push(score)
  }
  return scoreOf(scores)
}

const allNames = Object.keys(scenarios) as ScenarioName[] // the keys of the table

/** Null when the program has nothing that the scenario could try. */
async function play(name: ScenarioName, start: StartProgram, load: Load): Promise<ScenarioScore | null> {
  const { claim, run, needsReceiver }: Scenario = scenarios[name]
  const server = await createTestServer()
  const key = server.keys.create({ name, rateLimits: wideLimits })
  let current = key.token
  let program: Program | undefined
  try {
    const running = program = await start({ baseUrl: server.url, readKey: () => current, webhookSecrets })
    if (needsReceiver && !running.receiveWebhook) return null
    const finding = await run({
      server, key,
      program: running,
      putKey: (token) => (current = token),
      work: (turns, most = load.calls) => runTraffic(running, { ...load, calls: Math.min(most, load.calls) }, turns),
    })
    return { name, claim, passed: finding.failed === 0 && finding.remarks.length === 0, ...finding }
  } finally {
    await program?.stop?.()
    await server.close()
  }
}
