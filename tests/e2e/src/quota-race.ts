// Many takers of a small quota on three nodes, one of which dies midway.
import { headerOf, HttpLine, type LineAnswer, requestText } from './nodes/http-line.ts'
import type { TestKey } from './nodes/management-client.ts'
import type { Nodes } from './nodes/start-nodes.ts'
import { countLedger } from './limits-nodes.ts'
import type { Proof } from './node-faults.ts'
import { delay } from './server-process.ts'

export interface RacePlan {
  readonly quota: number
  readonly takers: number
  /** Requests of one connection that wait for each other's answers. */
  readonly perLine: number
}

type Result = 'granted' | 'quota_exceeded' | 'again' | `${number} ${string}`

/** How something is taken from the quota, exactly once per reference. */
export interface Door {
  readonly name: string
  readonly portOf: (node: Nodes['api'][number]) => number
  readonly request: (key: TestKey, reference: string) => string
  readonly resultOf: (answer: LineAnswer) => Result
}

export const emailDoor: Door = {
  name: 'POST /v1/emails',
  portOf: ({ apiPort }) => apiPort,
  request: (key, reference) => requestText('POST', '/v1/emails', {
    token: key.token,
    headers: { 'idempotency-key': reference },
    json: { from: 'news@acme.example', to: `${reference}@example.com`, subject: 'Hello', text: 'Hello' },
  }),
  resultOf: ({ status, body }) => {
    if (status === 202) return 'granted'
    return refusalOf(status, codeOf(body))
  },
}

/** The door for callers in any language; the nodes need the role `management`. */
export function verifyDoor(rootKey: string): Door {
  return {
    name: 'POST /verifier/verify',
    portOf: ({ managementPort }) => managementPort,
    request: (key, reference) => requestText('POST', '/verifier/verify', {
      token: rootKey, json: { key: key.token, quota: { meter: 'emails.sent', amount: 1, reference } },
    }),
    resultOf: ({ status, body }) => {
      const code = codeOf(body)
      return status === 200 && code === 'ok' ? 'granted' : refusalOf(status, code)
    },
  }
}

function refusalOf(status: number, code: string): Result {
  if (code === 'quota_exceeded') return code
  return status === 503 || code === 'unavailable' || code === 'not_fresh' ? 'again' : `${status} ${code}`
}

/** All takers at once; one node is killed when a third of the quota is granted; who got no answer asks another node. */
export async function proveQuota(nodes: Nodes, door: Door, plan: RacePlan): Promise<Proof> {
  const { quota, takers, perLine } = plan
  const workspaceId = await nodes.management.createWorkspace({ 'emails.sent': quota })
  const key = await nodes.management.createKey({ workspaceId, scopes: ['emails:send'] })
  const results = new Map<string, Result>()
  const dead = new Set<number>()
  const lineCount = Math.ceil(takers / nodes.api.length / perLine)
  const lines = await Promise.all(nodes.api.map((node) => (
    Promise.all(Array.from({ length: lineCount }, () => new HttpLine(door.portOf(node)).open()))
  )))
  for (const { apiPort } of nodes.api) await warm(apiPort, key)
  let [granted, unanswered, retried] = [0, 0, 0]
  const startedAt = performance.now()
  const victim = nodes.api.length - 1

  const take = async (number: number) => {
    const reference = `taker-${number}`
    for (let attempt = 0; attempt < 200; attempt++) {
      const node = dead.has(number % lines.length) ? aliveFrom(number + attempt) : number % lines.length
      const line = lines[node]?.[Math.floor(number / lines.length) % lineCount]
      const answer = (await line?.ask(door.request(key, reference))) ?? null
      const result = answer ? door.resultOf(answer) : 'again'
      if (!answer) unanswered++
      if (result === 'granted' && ++granted === Math.floor(quota / 3)) {
        dead.add(victim)
        void nodes.api[victim]?.kill()
      }
      results.set(reference, result)
      if (result !== 'again') return
      retried++
      await delay(answer ? 1_000 * Number(headerOf(answer.head, 'retry-after') ?? 1) : 50)
    }
  }
  const aliveFrom = (wanted: number): number => {
    const alive = lines.map((_, node) => node).filter((node) => !dead.has(node))
    return alive[wanted % alive.length] ?? 0
  }
  await Promise.all(Array.from({ length: takers }, (_, number) => take(number)))
  const seconds = (performance.now() - startedAt) / 1_000
  const before = await countLedger(nodes.database.connectionString, workspaceId)
  const repeated = await repeat()
  const after = await countLedger(nodes.database.connectionString, workspaceId)
  for (const line of lines.flat()) line.close()

  /** Takers that were granted their part ask again, on another node perhaps. */
  async function repeat(): Promise<string[]> {
    const again = [...results].filter(([, result]) => result === 'granted').slice(0, 100)
    return Promise.all(again.map(async ([reference], index) => {
      const answer = (await lines[aliveFrom(index)]?.[0]?.ask(door.request(key, reference))) ?? null
      return answer ? door.resultOf(answer) : 'nothing'
    }))
  }

  const counts: Record<string, number> = {}
  for (const result of results.values()) counts[result] = (counts[result] ?? 0) + 1
  const ledger = `${before.rows} rows of ${before.sum} in the ledger, balance ${before.balance}`
  const faults = [
    ...(counts['granted'] === quota ? [] : [`${counts['granted'] ?? 0} of ${quota} were granted`]),
    ...(counts['quota_exceeded'] === takers - quota ? [] : [`${counts['quota_exceeded'] ?? 0} of ${takers - quota} were refused for the quota`]),
    ...Object.entries(counts).filter(([result]) => result !== 'granted' && result !== 'quota_exceeded').map(([result, count]) => `${count} takers ended with ${result}`),
    ...(before.rows === quota && before.sum === quota && before.balance === quota ? [] : [`${ledger}, not ${quota}`]),
    ...(unanswered > 0 ? [] : ['no taker lost its answer to the killed node, so this proves less than it should']),
    ...(repeated.every((result) => result === 'granted') ? [] : [`repetitions were answered ${[...new Set(repeated)].join(', ')}`]),
    ...(after.sum === before.sum && after.balance === before.balance ? [] : [`${repeated.length} repetitions moved the balance to ${after.balance}`]),
  ]
  const figures = `${door.name}: ${takers} takers of ${quota} at once in ${seconds.toFixed(1)} s, one of ${nodes.api.length} nodes killed after ${Math.floor(quota / 3)}: ` +
    `${unanswered} unanswered, ${retried} asked again; ${Object.entries(counts).map(([result, count]) => `${count} ${result}`).join(', ')}; ${ledger}; ${repeated.length} repetitions count nothing`
  return { faults, figures }
}

/** The race is about the quota, not about who reads the key first. */
async function warm(apiPort: number, key: TestKey): Promise<void> {
  const line = await new HttpLine(apiPort).open()
  for (let attempt = 0; attempt < 50; attempt++) {
    if ((await line.ask(requestText('GET', '/v1/key', { token: key.token })))?.status === 200) break
    await delay(100)
  }
  line.close()
}

function codeOf(body: Buffer): string {
  return /"code":"(\w+)"/.exec(body.toString('latin1', 0, 4_000))?.[1] ?? ''
}
