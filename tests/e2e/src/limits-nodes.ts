// One limit over three nodes that share it through Redis: kept, served, and never in the way when Redis fails.
import { Client } from 'pg'
import { servedShare, worstWindow } from './nodes/admission.ts'
import { quantile } from './nodes/history.ts'
import { HttpLine, requestText } from './nodes/http-line.ts'
import type { TestKey } from './nodes/management-client.ts'
import { readMetric, readSlow } from './nodes/metrics.ts'
import { type Probe, type ProbeSeries, sendProbe, startProbes } from './nodes/probes.ts'
import type { RedisServer } from './nodes/redis-server.ts'
import type { Nodes } from './nodes/start-nodes.ts'
import type { Proof } from './node-faults.ts'
import { delay } from './server-process.ts'

const limit = { burst: 50, perSecond: 100 }
const rateLimits = [{ name: 'shared', limit: `${limit.perSecond}/1s`, burst: limit.burst }]
/** Redis counts in whole milliseconds. */
const clockStepMs = 1

/** The nodes count each other every second, and only then know which share of a limit is theirs. */
export const nodesKnowEachOtherMs = 2_000

/** Asks for three times what the limit allows, on three nodes alike. */
export async function proveSharedLimit(nodes: Nodes, seconds: number): Promise<Proof & { readonly stalls: number }> {
  const key = await nodes.management.createKey({ workspaceId: await nodes.management.createWorkspace(), rateLimits })
  await warm(nodes)
  const series = await overload(nodes, key)
  await delay(seconds * 1_000)
  const probes = await stopAll(series)
  const stalls = countStalls(probes)
  const worst = worstWindow(probes, limit, clockStepMs)
  const served = servedShare(probes, limit)
  const byNode = nodes.api.map((_, node) => probes.filter((probe) => probe.node === node && probe.status === 200).length)
  const faults = [
    // while Redis does not answer in time, a share of the burst is each node's own
    ...(worst.tokens <= limit.burst * stalls ? [] : [`${worst.tokens.toFixed(2)} more than burst + rate · t were admitted within ${(worst.toMs - worst.fromMs).toFixed(1)} ms`]),
    ...(served >= 0.99 ? [] : [`only ${(served * 100).toFixed(2)} % of the allowance were served`]),
    ...byNode.flatMap((count, node) => (count > 0 ? [] : [`node ${node + 1} admitted nothing`])),
    ...onlyLimits(probes),
  ]
  const figures = `${probes.length} requests in ${seconds} s on ${nodes.api.length} nodes, ${(servedRate(probes, seconds)).toFixed(1)} admitted/s ` +
    `(${byNode.join(' + ')}), ${(served * 100).toFixed(2)} % of burst ${limit.burst} + ${limit.perSecond}/s; worst window ${worst.tokens.toFixed(2)} ` +
    `tokens from the bound; answers take ${describeLatency(probes)}; Redis too slow ${stalls} times`
  return { faults, figures, stalls }
}

/** Times when answers came from local shares: a second without one ends such a time. */
function countStalls(probes: readonly Probe[]): number {
  const times = probes.filter(({ isLocalShare }) => isLocalShare).map(({ sentAt }) => sentAt).toSorted((a, b) => a - b)
  return times.filter((at, index) => at - (times[index - 1] ?? -Infinity) > 1_000).length
}

export interface FaultPlan {
  readonly phaseMs: number
  /** What the machine may add to the 25 ms that a request may wait for Redis, at the 99.9th percentile, seen from outside. */
  readonly toleranceMs: number
}

/** A bound of the servers' own histogram above what a request may wait for Redis, which is 25 ms. */
const slowSeconds = 0.05

/** The same load while Redis is well, killed, back and empty, hung, and well again. The nodes must have the role `management`. */
export async function proveRedisFaults(nodes: Nodes, redis: RedisServer, plan: FaultPlan): Promise<Proof> {
  const { phaseMs, toleranceMs } = plan
  const workspaceId = await nodes.management.createWorkspace({ 'emails.sent': 1_000_000 })
  const [limited, sender] = await Promise.all([
    nodes.management.createKey({ workspaceId, rateLimits }),
    nodes.management.createKey({ workspaceId, scopes: ['emails:send'] }),
  ])
  await warm(nodes)
  const mail = await keepSending(nodes, sender)
  const series = await overload(nodes, limited)
  const phases = [{ name: 'well', act: async () => delay(phaseMs) }, ...faultPhases(redis, phaseMs)]
  const starts: number[] = []
  const slow = [await slowOn(nodes)]
  for (const { act } of phases) {
    starts.push(performance.now())
    await act()
    slow.push(await slowOn(nodes))
  }
  const endedAt = performance.now()
  const probes = await stopAll(series)
  const sent = await mail.stop()
  const ledger = await countLedger(nodes.database.connectionString, workspaceId)

  const parts = phases.map(({ name }, index) => {
    const [from, to] = [starts[index] ?? 0, starts[index + 1] ?? endedAt]
    const own = probes.filter(({ sentAt }) => sentAt >= from && sentAt < to)
    const [before, after] = [slow[index] ?? nothing, slow[index + 1] ?? nothing]
    return {
      name, probes: own,
      p999: quantile(own.map(duration), 0.999),
      slower: (after.slower - before.slower) / (after.all - before.all),
      localShares: own.filter(({ isLocalShare }) => isLocalShare).length,
    }
  })
  const [base = { p999: NaN, slower: NaN }] = parts
  const acknowledged = sent.filter(({ status }) => status === 202).length
  const seconds = (endedAt - (starts[0] ?? 0)) / 1_000
  // guardedLimits promises so much: a burst for each time that a node gave Redis up, and one for Redis come back empty
  const openings = await openingsOn(nodes)
  const most = limit.perSecond * seconds + limit.burst * (2 + openings)
  const admitted = probes.filter(({ status }) => status === 200).length
  const faults = [
    ...onlyLimits(probes),
    ...parts.filter(({ p999 }) => !(p999 <= base.p999 + 25 + toleranceMs))
      .map(({ name, p999 }) => `Redis ${name}: 99.9 % of the answers took up to ${ms(p999)}, ${ms(base.p999)} when it is well`),
    ...parts.filter(({ slower }) => !(slower <= 2 * base.slower + 0.02)) // a wait for Redis would make them all slow
      .map(({ name, slower }) => `Redis ${name}: ${percent(slower)} of the requests took the servers longer than ${slowSeconds * 1_000} ms, ${percent(base.slower)} when it is well`),
    ...parts.filter(({ name, localShares }) => ['killed', 'hung'].includes(name) && localShares === 0)
      .map(({ name }) => `no answer came from a local share while Redis was ${name}, so this proves nothing`),
    ...(admitted <= most ? [] : [`${admitted} were admitted over the outages, ${most.toFixed(0)} at most were promised`]),
    ...sent.filter(({ status }) => status !== 202).map(({ status, code }) => `a mail was answered ${status} ${code}`),
    ...(ledger.rows === acknowledged && ledger.sum === acknowledged && ledger.balance === acknowledged
      ? [] : [`${acknowledged} mails were acknowledged, the ledger has ${ledger.rows} rows of ${ledger.sum}, the balance is ${ledger.balance}`]),
  ]
  const figures = [
    ...parts.map(({ name, probes: own, localShares, slower }) => `Redis ${name}: ${own.length} requests, ${describeLatency(own)}, ` +
      `${localShares} from a local share; ${percent(slower)} took the servers longer than ${slowSeconds * 1_000} ms`),
    `${admitted} admitted in ${seconds.toFixed(1)} s, ${most.toFixed(0)} at most (Redis given up ${openings} times); ${acknowledged} mails acknowledged, ${ledger.sum} in the ledger, balance ${ledger.balance}`,
  ].join('\n')
  return { faults, figures }
}

function faultPhases(redis: RedisServer, phaseMs: number) {
  return [
    { name: 'killed', act: async () => (await redis.kill(), delay(phaseMs)) },
    { name: 'started empty', act: async () => (await redis.start(), delay(phaseMs)) },
    {
      name: 'hung', act: async () => {
        void redis.command('DEBUG', 'SLEEP', String(phaseMs / 1_000)).catch(() => undefined)
        await delay(phaseMs)
      },
    },
    { name: 'well again', act: async () => delay(phaseMs) },
  ]
}

/** Requests that took the servers themselves long, all nodes together. */
async function slowOn(nodes: Nodes): Promise<{ all: number; slower: number }> {
  const each = await Promise.all(nodes.api.map(({ managementPort }) => readSlow(managementPort, slowSeconds)))
  return each.reduce((sum, { all, slower }) => ({ all: sum.all + all, slower: sum.slower + slower }), nothing)
}

/** How often the nodes gave Redis up, all together. */
async function openingsOn(nodes: Nodes): Promise<number> {
  const each = await Promise.all(nodes.api.map(({ managementPort }) => readMetric(managementPort, 'letterlock_limiter_openings_total')))
  return each.reduce<number>((sum, openings) => sum + (openings ?? NaN), 0)
}

/** Each node is asked at the whole rate of the limit: together three times what it allows. */
async function overload(nodes: Nodes, key: TestKey): Promise<ProbeSeries[]> {
  const request = requestText('GET', '/v1/key', { token: key.token })
  return Promise.all(nodes.api.map(async ({ apiPort }, node) => (
    startProbes({ line: await new HttpLine(apiPort).open(), node, request, everyMs: 1_000 / limit.perSecond })
  )))
}

/** Every node compiles its code and reaches Redis before anything is measured. */
async function warm(nodes: Nodes): Promise<void> {
  const key = await nodes.management.createKey({ workspaceId: await nodes.management.createWorkspace() })
  const series = await overload(nodes, key)
  await delay(1_000)
  await stopAll(series)
}

async function stopAll(series: readonly ProbeSeries[]): Promise<Probe[]> {
  await Promise.all(series.map(({ stop }) => stop()))
  return series.flatMap(({ probes }) => probes)
}

/** Ten mails a second, each paid for from a quota. */
async function keepSending(nodes: Nodes, key: TestKey) {
  const lines = await Promise.all(nodes.api.map(({ apiPort }) => new HttpLine(apiPort).open()))
  const sent: Probe[] = []
  let turn = 0
  const json = { from: 'news@acme.example', to: 'ada@example.com', subject: 'Hello', text: 'Hello' }
  const request = requestText('POST', '/v1/emails', { token: key.token, json })
  const timer = setInterval(() => {
    const node = turn++ % lines.length
    const line = lines[node]
    if (line) sent.push(sendProbe(line, { node, request }))
  }, 100)
  return {
    async stop() {
      clearInterval(timer)
      for (let wait = 0; wait < 500 && lines.some(({ waiting }) => waiting > 0); wait++) await delay(10)
      for (const line of lines) line.close()
      return sent
    },
  }
}

/** What the ledger and the balance of a workspace's live environment say of a meter. */
export async function countLedger(connectionString: string, workspaceId: string, meter = 'emails.sent') {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    const { rows: [row] } = await client.query<{ rows: string; sum: string; balance: string }>(`
      with environment as (select id from environments where workspace_id = $1 and mode = 'live')
      select count(*) as rows, coalesce(sum(amount), 0) as sum,
        (select coalesce(sum(used), 0) from meter_balances where meter = $2 and environment_id = (select id from environment)) as balance
      from meter_ledger where meter = $2 and environment_id = (select id from environment)`, [workspaceId, meter])
    return { rows: Number(row?.rows), sum: Number(row?.sum), balance: Number(row?.balance) }
  } finally {
    await client.end()
  }
}

function onlyLimits(probes: readonly Probe[]): string[] {
  const other = probes.filter(({ status }) => status !== 200 && status !== 429).map(({ status, code }) => `${status} ${code}`)
  return [...new Set(other)].map((answer) => `${other.filter((each) => each === answer).length} requests were answered ${answer}`)
}

function describeLatency(probes: readonly Probe[]): string {
  const took = probes.map(duration)
  return `${ms(quantile(took, 0.5))} at the median, ${ms(quantile(took, 0.99))} at 99 %, ${ms(quantile(took, 0.999))} at 99.9 %, ${ms(Math.max(...took))} at most`
}

const nothing = { all: 0, slower: 0 }
const percent = (part: number) => `${(part * 100).toFixed(2)} %`
const servedRate = (probes: readonly Probe[], seconds: number) => probes.filter(({ status }) => status === 200).length / seconds
const duration = ({ sentAt, answeredAt }: Probe) => answeredAt - sentAt
const ms = (value: number) => `${value.toFixed(1)} ms`
