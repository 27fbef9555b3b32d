// Keys that were never issued, in masses, against one node: none is accepted, and most cost the database nothing.
import { defineKeyFormat } from '@letterlock/keys'
import { HttpLine, requestText } from './nodes/http-line.ts'
import { readMetric } from './nodes/metrics.ts'
import type { Nodes, RunningNode } from './nodes/start-nodes.ts'
import type { Proof } from './node-faults.ts'
import { delay } from './server-process.ts'

const format = defineKeyFormat({ prefix: 'll' })
const body = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export interface SprayPlan {
  /** Keys of random characters, half of them with a right checksum. */
  readonly random: number
  /** Real keys, each changed a little; one in twenty has another secret and a right checksum. */
  readonly mutated: number
  /** Requests at once, a multiple of eight. */
  readonly atOnce: number
}

/** What one kind of spraying came to. */
interface Spray {
  readonly name: string
  readonly statuses: Readonly<Record<string, number>>
  readonly sent: number
  readonly seconds: number
  /** Reads of keys that the node counts itself. */
  readonly reads: number
  /** Statements of any kind on its way to PostgreSQL. */
  readonly statements: number
}

const lineCount = 8

/** The first node must have the roles `api` and `management`, since it is asked for its metrics. */
export async function proveSpray(nodes: Nodes, { random, mutated, atOnce }: SprayPlan): Promise<Proof> {
  const [node] = nodes.api
  if (!node) throw new Error('needs a node')
  const workspaceId = await nodes.management.createWorkspace()
  const good = await Promise.all(Array.from({ length: 50 }, async () => (await nodes.management.createKey({ workspaceId })).token))
  const spray = (name: string, keys: Iterable<string>) => sprayWith(node, { name, keys, atOnce })
  const warm = await spray('good keys before', repeated(good, 1_000))
  const sprays = [
    await spray('random keys, wrong checksum', times(random / 2, wrongChecksum)),
    await spray('changed keys, wrong checksum', times(mutated * 0.95, (index) => mutate(good[index % good.length] ?? '', index))),
    await spray('random keys, right checksum', times(random / 2, () => format.issue({ mode: pick(['live', 'test']) }).token)),
    await spray('known ids with another secret, right checksum', times(mutated * 0.05, (index) => anotherSecret(good[index % good.length] ?? ''))),
  ]
  const after = await spray('good keys afterwards', repeated(good, 1_000))

  const faults = [
    ...sprays.flatMap(({ name, statuses }) => Object.entries(statuses).filter(([answer]) => answer !== '401 invalid_key')
      .map(([answer, count]) => `${name}: ${count} were answered ${answer}`)),
    ...[warm, after].flatMap(({ name, statuses, sent }) => (statuses['200'] === sent ? [] : [`${name}: answered ${JSON.stringify(statuses)}`])),
    ...sprays.slice(0, 2).flatMap(({ name, reads }) => (reads === 0 ? [] : [`${name}: the node read ${reads} keys from the database`])),
    ...[...sprays.slice(0, 2), after].flatMap((each) => (each.statements <= byTheClock(each) ? [] : [`${each.name}: ${each.statements} statements in ${each.seconds.toFixed(1)} s`])),
    ...sprays.slice(2).flatMap(({ name, reads, sent }) => (reads > 0 && reads <= sent ? [] : [`${name}: ${reads} reads for ${sent} keys`])),
    ...(after.reads === 0 ? [] : [`${after.name}: ${after.reads} reads, so the cache had lost them`]),
  ]
  return { faults, figures: [warm, ...sprays, after].map(describe).join('\n') }
}

/** What a node asks whether it is used or not (polls, its place among the nodes, usage once a second), with room. */
function byTheClock({ seconds }: Spray): number {
  return 60 + 60 * seconds
}

async function sprayWith(node: RunningNode, { name, keys, atOnce }: { name: string; keys: Iterable<string>; atOnce: number }): Promise<Spray> {
  const before = { reads: await readsOf(node), statements: (await node.wire.counts()).statements }
  const statuses: Record<string, number> = {}
  const startedAt = performance.now()
  const rest = keys[Symbol.iterator]() // all lines take from one iterator
  const worker = async () => {
    const line = await new HttpLine(node.apiPort).open()
    await drain(line, rest, { statuses, underWay: atOnce / lineCount })
    line.close()
  }
  await Promise.all(Array.from({ length: lineCount }, worker))
  const seconds = (performance.now() - startedAt) / 1_000
  const sent = Object.values(statuses).reduce((sum, count) => sum + count, 0)
  return { name, statuses, sent, seconds, reads: (await readsOf(node)) - before.reads, statements: (await node.wire.counts()).statements - before.statements }
}

/** Keeps some requests of a line under way until the iterator is empty. */
function drain(line: HttpLine, keys: Iterator<string>, { statuses, underWay }: { statuses: Record<string, number>; underWay: number }): Promise<void> {
  return new Promise((resolve) => {
    let [open, isEmpty] = [0, false]
    const next = () => {
      while (open < underWay && !isEmpty) {
        const { value, done } = keys.next()
        if (done) isEmpty = true
        else {
          open++
          line.send(requestText('GET', '/v1/key', { token: value }), (answer) => {
            const code = answer && answer.status >= 400 ? /"code":"(\w+)"/.exec(answer.body.toString('latin1', 0, 1_000))?.[1] : undefined
            const text = answer ? `${answer.status}${code ? ` ${code}` : ''}` : 'nothing'
            statuses[text] = (statuses[text] ?? 0) + 1
            open--
            next()
          })
        }
      }
      if (open === 0 && isEmpty) resolve()
    }
    next()
  })
}

async function readsOf(node: RunningNode): Promise<number> {
  await delay(50) // what is under way arrives
  const reads = await readMetric(node.managementPort, 'letterlock_verifier_reads_total')
  if (reads === null) throw new Error(`${node.name} has no metric letterlock_verifier_reads_total`)
  return reads
}

function* times(count: number, make: (index: number) => string): Generator<string> {
  for (let index = 0; index < count; index++) yield make(index)
}

function* repeated(keys: readonly string[], count: number): Generator<string> {
  for (let index = 0; index < count; index++) yield keys[index % keys.length] ?? ''
}

/** A key as it is issued, with one character of its checksum replaced. */
function wrongChecksum(): string {
  const { token } = format.issue({ mode: pick(['live', 'test']) })
  return replaceAt(token, token.length - 1 - Math.floor(Math.random() * 4))
}

/** The id and mode of the key, another secret, and the checksum that belongs to it. */
function anotherSecret(token: string): string {
  const parsed = format.parse(token)
  if (!parsed.ok) throw new Error('a good key does not parse')
  return format.issue({ mode: parsed.mode, keyId: parsed.keyId }).token
}

/** What typing, cutting and pasting do to a key; never gives back a well-formed one. */
export function mutate(token: string, index: number): string {
  const at = Math.floor(Math.random() * token.length)
  const changes: (() => string)[] = [
    () => replaceAt(token, at),
    () => token.slice(0, at) + token.slice(at + 1),
    () => token.slice(0, at) + pick([...body]) + token.slice(at),
    () => token.slice(0, at) + (token[at + 1] ?? '') + (token[at] ?? '') + token.slice(at + 2),
    () => token.slice(0, at) + swapCase(token[at] ?? '') + token.slice(at + 1),
    () => token.replace('_live_', '_test_'),
    () => token.slice(0, at),
    () => token + token.slice(0, at + 1),
    () => replaceAt(replaceAt(token, at), Math.floor(Math.random() * token.length)),
  ]
  for (let attempt = index; ; attempt++) {
    const changed = changes[attempt % changes.length]?.() ?? ''
    // an empty one would be a missing key, and one in 2^32 has a right checksum by chance
    if (changed.trim() !== '' && !format.parse(changed).ok) return changed
  }
}

function replaceAt(text: string, at: number): string {
  const others = [...body].filter((character) => character !== text[at])
  return text.slice(0, at) + pick(others) + text.slice(at + 1)
}

function swapCase(character: string): string {
  const upper = character.toUpperCase()
  return upper === character ? character.toLowerCase() : upper
}

function pick<T>(values: readonly T[]): T {
  return values[Math.floor(Math.random() * values.length)] as T // never called with an empty list
}

function describe({ name, sent, seconds, statuses, reads, statements }: Spray): string {
  const answers = Object.entries(statuses).map(([answer, count]) => `${count.toLocaleString('en')} × ${answer}`).join(', ')
  return `${name}: ${answers} in ${seconds.toFixed(1)} s (${Math.round(sent / seconds).toLocaleString('en')}/s), ${reads} keys read, ${statements} statements to PostgreSQL`
}
