// What nodes answer while they are cut off, stopped, or without their database. Each proof returns what was wrong, and figures.
import { HttpLine, requestText } from './nodes/http-line.ts'
import type { TestKey } from './nodes/management-client.ts'
import { type Probe, type ProbeSeries, sendProbe, startProbes } from './nodes/probes.ts'
import type { Nodes, RunningNode } from './nodes/start-nodes.ts'
import { delay, isAlive } from './server-process.ts'

export interface Proof {
  /** Empty when all is well. */
  readonly faults: readonly string[]
  readonly figures: string
}

/** The promise: nothing is accepted from a view of the keys that is older. */
const maxStalenessMs = 1_000
const recoveryMs = 5_000
/** An answer of a node that hears nothing from its database: the deadline of a read and what a busy machine adds. */
const slowestRefusalMs = 4_000

/** A node that loses its database goes on for a second at most, then says 503; and comes back by itself. */
export async function proveCutOff(nodes: Nodes, how: 'cut' | 'black hole'): Promise<Proof> {
  const [victim, bystander] = nodes.api
  if (!victim || !bystander) throw new Error('needs two nodes')
  const workspaceId = await nodes.management.createWorkspace()
  const [good, doomed] = await Promise.all([nodes.management.createKey({ workspaceId }), nodes.management.createKey({ workspaceId })])
  const [goodHere, doomedHere, goodThere] = await Promise.all([watch(victim, 0, good), watch(victim, 0, doomed), watch(bystander, 1, good)])
  await delay(600)
  await (how === 'cut' ? victim.wire.cut() : victim.wire.blackHole())
  const cutAt = performance.now()
  await delay(300)
  const { answeredAt } = await nodes.management.call('keys.revoke', { keyId: doomed.keyId })
  await delay(4_000)
  const passedAt = performance.now()
  await victim.wire.pass()
  await untilAccepted([goodHere], passedAt + recoveryMs + 500)
  await delay(500)
  await Promise.all([goodHere, doomedHere, goodThere].map(({ stop }) => stop()))

  const during = goodHere.probes.filter(({ sentAt }) => sentAt > cutAt && sentAt < passedAt)
  // what was answered after it had passed again may have been read then
  const cached = during.filter(({ status, answeredAt: at }) => status === 200 && at < passedAt).map(({ sentAt }) => sentAt - cutAt)
  const revokedLag = lagAfter(doomedHere.probes, answeredAt)
  const recovered = lastNot200(goodHere.probes) - passedAt
  const slowest = Math.max(...during.map(duration))
  const faults = [
    ...expectThat(cached.length > 0, `${how}: nothing was accepted from the cache after it, so this proves nothing`),
    ...expectThat(Math.max(0, ...cached) <= maxStalenessMs, `${how}: still accepted ${ms(Math.max(...cached))} after it`),
    ...expectThat(during.some(({ status }) => status === 503), `${how}: never answered 503`),
    ...expectThat(revokedLag <= maxStalenessMs, `${how}: accepted a key ${ms(revokedLag)} after its revocation`),
    ...expectThat(endsRevoked(doomedHere), `${how}: the revoked key ends with ${describe(doomedHere.probes.at(-1))}`),
    ...expectThat(slowest <= slowestRefusalMs, `${how}: an answer took ${ms(slowest)}`),
    ...expectThat(recovered < recoveryMs, `${how}: needed ${ms(recovered)} to recover`),
    ...onlyOutages(goodHere.probes).map((fault) => `${how}: ${victim.name} ${fault}`),
    ...goodThere.probes.filter(({ status }) => status !== 200).map((probe) => `${how}: ${bystander.name}, which was not cut off, answered ${describe(probe)}`),
  ]
  const figures = `${how}: last accepted ${ms(Math.max(0, ...cached))} after it, ${during.filter(({ status }) => status === 503).length} × 503, ` +
    `slowest answer ${ms(slowest)}, last refusal ${ms(recovered)} after it ended; the key revoked meanwhile: last accepted ${ms(revokedLag)} after the answer`
  return { faults, figures }
}

/** A process that was stopped wakes up stale and knows it: what waited in its sockets is not answered from the old view. */
export async function provePause(nodes: Nodes, pausedMs: number): Promise<Proof> {
  const [victim, bystander] = nodes.api
  if (!victim || !bystander) throw new Error('needs two nodes')
  const workspaceId = await nodes.management.createWorkspace()
  const [doomed, good] = await Promise.all([nodes.management.createKey({ workspaceId }), nodes.management.createKey({ workspaceId })])
  const [here, there, goodHere] = await Promise.all([watch(victim, 0, doomed), watch(bystander, 1, doomed), watch(victim, 0, good)])
  await delay(600)
  victim.pause()
  const pausedAt = performance.now()
  await delay(200)
  const { answeredAt } = await nodes.management.call('keys.revoke', { keyId: doomed.keyId })
  await delay(pausedMs - (performance.now() - pausedAt))
  const resumedAt = performance.now()
  victim.resume()
  await untilAccepted([goodHere], resumedAt + recoveryMs)
  await delay(1_200)
  await Promise.all([here, there, goodHere].map(({ stop }) => stop()))

  // 5 ms: what was sent just before may have been decided upon before the process stopped
  const queued = here.probes.filter(({ sentAt, answeredAt: at }) => sentAt > pausedAt + 5 && sentAt < resumedAt && at > resumedAt)
  const stale = queued.filter(({ status }) => status === 200)
  const faults = [
    ...expectThat(here.probes.some(({ status }) => status === 200), 'the key was never accepted, so this proves nothing'),
    ...expectThat(queued.length > 0, 'no request waited in the sockets of the stopped process, so this proves nothing'),
    ...stale.map(({ sentAt, answeredAt: at }) => `accepted ${ms(at - resumedAt)} after it was continued a request sent ${ms(sentAt - answeredAt)} after the revocation`),
    ...expectThat(endsRevoked(here), `the revoked key ends with ${describe(here.probes.at(-1))}`),
    ...expectThat(lagAfter(there.probes, answeredAt) <= maxStalenessMs, `${bystander.name} accepted the key ${ms(lagAfter(there.probes, answeredAt))} after its revocation`),
    ...onlyOutages(goodHere.probes).map((fault) => `${victim.name} ${fault}`),
    ...expectThat(goodHere.probes.at(-1)?.status === 200, `the good key ends with ${describe(goodHere.probes.at(-1))}`),
  ]
  const first = queued.toSorted((a, b) => a.answeredAt - b.answeredAt)[0]
  const figures = `stopped for ${(pausedMs / 1_000).toFixed(1)} s: ${queued.length} requests waited, the first was answered ${describe(first)} ` +
    `${ms((first?.answeredAt ?? NaN) - resumedAt)} after it was continued, ${stale.length} from the old view`
  return { faults, figures }
}

/** PostgreSQL ends at once and comes back later: nothing is wrongly accepted, good keys get only 503, and all recover. */
export async function proveDatabaseRestart(nodes: Nodes, outMs: number): Promise<Proof> {
  const workspaceId = await nodes.management.createWorkspace()
  const [good, revoked, doomed] = await Promise.all(Array.from({ length: 3 }, () => nodes.management.createKey({ workspaceId }))) as [TestKey, TestKey, TestKey]
  const on = (key: TestKey) => Promise.all(nodes.api.map((node, index) => watch(node, index, key)))
  const [ofGood, ofRevoked, ofDoomed] = await Promise.all([on(good), on(revoked), on(doomed)])
  await delay(500)
  const first = await nodes.management.call('keys.revoke', { keyId: revoked.keyId })
  await delay(1_500)
  const last = await nodes.management.call('keys.revoke', { keyId: doomed.keyId })
  const stoppedAt = performance.now()
  await nodes.database.stopAtOnce()
  await delay(outMs)
  await nodes.database.start()
  const startedAt = performance.now()
  await untilAccepted(ofGood, startedAt + recoveryMs + 500)
  await delay(1_200)
  await Promise.all([...ofGood, ...ofRevoked, ...ofDoomed].map(({ stop }) => stop()))

  const lags = (series: readonly ProbeSeries[], at: number) => Math.max(...series.map(({ probes }) => lagAfter(probes, at)))
  const recovered = ofGood.map(({ probes }) => lastNot200(probes) - startedAt)
  const outages = ofGood.map(({ probes }) => probes.filter(({ status, sentAt }) => status === 503 && sentAt > stoppedAt).length)
  const [lagRevoked, lagDoomed] = [lags(ofRevoked, first.answeredAt), lags(ofDoomed, last.answeredAt)]
  const faults = [
    ...expectThat(lagRevoked <= maxStalenessMs, `accepted a key ${ms(lagRevoked)} after its revocation, across the restart`),
    ...expectThat(lagDoomed <= maxStalenessMs, `accepted a key ${ms(lagDoomed)} after its revocation, just before the restart`),
    ...[...ofRevoked, ...ofDoomed].filter((series) => !endsRevoked(series)).map(({ probes }) => `a revoked key ends with ${describe(probes.at(-1))}`),
    ...expectThat(outages.every((count) => count > 0), 'a node never answered 503, so this proves nothing'),
    ...recovered.flatMap((after, node) => expectThat(after < recoveryMs, `node ${node + 1} needed ${ms(after)} to recover`)),
    ...ofGood.flatMap(({ probes }, node) => onlyOutages(probes).map((fault) => `node ${node + 1} ${fault}`)),
    ...nodes.api.filter(({ pid }) => !isAlive(pid)).map(({ name }) => `${name} has ended`),
  ]
  const figures = `PostgreSQL away for ${ms(startedAt - stoppedAt)}: ${outages.join(' + ')} × 503, last refusal ` +
    `${recovered.map(ms).join(', ')} after it took connections (by node); revoked before: last accepted ${ms(lagRevoked)} and ${ms(lagDoomed)} after the answers`
  return { faults, figures }
}

/** Who demands the revision of a revocation is refused by every node at once; a good key with the same demand is not. */
export async function proveMinRevision(nodes: Nodes, trials: number): Promise<Proof> {
  const workspaceId = await nodes.management.createWorkspace()
  const good = await nodes.management.createKey({ workspaceId })
  const faults: string[] = []
  const counts: Record<string, number> = {}
  let next = 0
  const worker = async () => {
    const lines = await Promise.all(nodes.api.map(({ apiPort }) => new HttpLine(apiPort).open()))
    const onAll = (request: string) => Promise.all(lines.map((line, node) => untilKnown(line, { node, request })))
    await onAll(requestText('GET', '/v1/key', { token: good.token }))
    for (let trial = next++; trial < trials; trial = next++) {
      const key = await nodes.management.createKey({ workspaceId })
      const warm = await onAll(requestText('GET', '/v1/key', { token: key.token }))
      const { data: { revision } } = await nodes.management.call<{ revision: number }>('keys.revoke', { keyId: key.keyId })
      const demand = { headers: { 'letterlock-min-revision': String(revision) } }
      const [refused, accepted] = await Promise.all([
        onAll(requestText('GET', '/v1/key', { token: key.token, ...demand })),
        onAll(requestText('GET', '/v1/key', { token: good.token, ...demand })),
      ])
      for (const probe of refused) counts[describe(probe)] = (counts[describe(probe)] ?? 0) + 1
      const bad = (probes: readonly Probe[], status: number, what: string) => probes.filter((probe) => probe.status !== status)
        .map((probe) => `trial ${trial + 1}: node ${probe.node + 1} answered ${describe(probe)} to ${what}`)
      faults.push(...bad(warm, 200, 'a new key'), ...bad(refused, 401, `a key revoked at revision ${revision}`), ...bad(accepted, 200, 'a good key'))
    }
    for (const line of lines) line.close()
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  const answers = Object.entries(counts).map(([answer, count]) => `${count} × ${answer}`).join(', ')
  return { faults, figures: `the revision of the revocation demanded at once, ${trials} trials on ${nodes.api.length} nodes: ${answers}` }
}

/** Asks until the node knows: who is told to come again, does, up to ten times. An accept is final. */
async function untilKnown(line: HttpLine, wish: { node: number; request: string }): Promise<Probe> {
  for (let attempt = 1; ; attempt++) {
    const probe = await new Promise<Probe>((resolve) => sendProbe(line, wish, resolve))
    if (probe.status !== 503 || attempt === 10) return probe
    await delay(200)
  }
}

async function watch(node: RunningNode, index: number, key: TestKey): Promise<ProbeSeries> {
  const line = await new HttpLine(node.apiPort).open()
  const series = startProbes({ line, node: index, request: requestText('GET', '/v1/key', { token: key.token }), everyMs: 20 })
  const stop = async () => {
    await series.stop()
    line.close()
  }
  return { probes: series.probes, stop }
}

/** Waits until the latest answer of every series is 200. */
async function untilAccepted(series: readonly ProbeSeries[], until: number): Promise<void> {
  const latest = ({ probes }: ProbeSeries) => probes.findLast(({ answeredAt }) => answeredAt < Infinity)
  while (!series.every((each) => latest(each)?.status === 200) && performance.now() < until) await delay(20)
}

/** How long after `at` the last request was sent that was accepted. */
function lagAfter(probes: readonly Probe[], at: number): number {
  return Math.max(0, ...probes.filter(({ status }) => status === 200).map(({ sentAt }) => sentAt - at))
}

function lastNot200(probes: readonly Probe[]): number {
  return probes.findLast(({ status }) => status !== 200)?.sentAt ?? -Infinity
}

/** Good keys are accepted or told to come again; anything else is a fault. */
function onlyOutages(probes: readonly Probe[]): string[] {
  const isOutage = ({ status, code, retryAfter, isProblem }: Probe) =>
    status === 503 && (code === 'unavailable' || code === 'not_fresh') && Number(retryAfter) >= 1 && isProblem === true
  const bad = probes.filter((probe) => probe.status !== 200 && !isOutage(probe)).map(describe)
  return [...new Set(bad)].map((answer) => `answered ${answer} to a good key, ${bad.filter((each) => each === answer).length} times`)
}

function endsRevoked({ probes }: ProbeSeries): boolean {
  const last = probes.at(-1)
  return last?.status === 401 && last.code === 'revoked_key'
}

function describe(probe: Probe | undefined): string {
  if (!probe) return 'nothing'
  if (probe.status === 0) return 'nothing (connection lost, or no answer in time)'
  const retry = probe.status === 503 ? `, Retry-After ${probe.retryAfter}${probe.isProblem ? '' : ', no problem+json'}` : ''
  return `${probe.status}${probe.code ? ` ${probe.code}` : ''}${retry}`
}

const duration = ({ sentAt, answeredAt }: Probe) => answeredAt - sentAt
const expectThat = (holds: boolean, fault: string) => (holds ? [] : [fault])
const ms = (value: number) => `${value.toFixed(0)} ms`
