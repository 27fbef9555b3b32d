// How long three nodes under load go on accepting what has been forbidden: many trials of each kind, several at a time.
import { isOutage, judge, quantile, type Rules, type Verdict } from './nodes/history.ts'
import { HttpLine, requestText } from './nodes/http-line.ts'
import type { Answered, ManagementClient, TestKey } from './nodes/management-client.ts'
import { type ProbeSeries, startProbes } from './nodes/probes.ts'
import type { Nodes } from './nodes/start-nodes.ts'
import { delay } from './server-process.ts'

interface Kind {
  readonly path: string
  readonly prepare: (management: ManagementClient, workspaceId: string) => Promise<TestKey>
  readonly change: (management: ManagementClient, key: TestKey, github: Nodes['github']) => Promise<Answered<unknown>>
  readonly refused: Rules['refused']
}

const kinds: Readonly<Record<string, Kind>> = {
  revocation: {
    path: '/v1/key',
    prepare: (management, workspaceId) => management.createKey({ workspaceId }),
    change: (management, { keyId }) => management.call('keys.revoke', { keyId }),
    refused: { status: 401, code: 'revoked_key' },
  },
  'scope removal': {
    path: '/v1/lists?limit=1',
    prepare: (management, workspaceId) => management.createKey({ workspaceId, scopes: ['lists:read', 'contacts:read'] }),
    change: (management, { keyId }) => management.call('keys.update', { keyId, scopes: ['contacts:read'] }),
    refused: { status: 403, code: 'insufficient_scope' },
  },
  'role change': {
    path: '/v1/lists?limit=1',
    prepare: async (management, workspaceId) => (
      management.createKey({ workspaceId, scopes: ['contacts:read'], roleId: await management.createRole(workspaceId, ['lists:read']) })),
    change: (management, { roleId }) => management.call('roles.update', { roleId, scopes: ['emails:read'] }),
    refused: { status: 403, code: 'insufficient_scope' },
  },
  'IP-list change': {
    path: '/v1/key',
    prepare: (management, workspaceId) => management.createKey({ workspaceId, ipAllow: ['127.0.0.0/8'] }),
    change: (management, { keyId }) => management.call('keys.update', { keyId, ipAllow: ['203.0.113.0/24'] }),
    refused: { status: 403, code: 'ip_not_allowed' },
  },
  'access token, its key revoked': {
    path: '/v1/key',
    prepare: async (management, workspaceId) => management.exchange(await management.createKey({ workspaceId })),
    change: (management, { keyId }) => management.call('keys.revoke', { keyId }),
    refused: { status: 401, code: 'revoked_key' },
  },
  'access token revoked': {
    path: '/v1/key',
    prepare: async (management, workspaceId) => management.exchange(await management.createKey({ workspaceId })),
    change: (management, { token }) => management.oauth('revoke', { token }),
    refused: { status: 401, code: 'revoked_key' },
  },
  'leak found by GitHub': {
    path: '/v1/key',
    prepare: (management, workspaceId) => management.createKey({ workspaceId }),
    change: (management, { token }, github) => management.tellOfLeak(token, github),
    refused: { status: 401, code: 'revoked_key' },
  },
  'workspace suspension': {
    path: '/v1/key',
    prepare: async (management) => management.createKey({ workspaceId: await management.createWorkspace() }),
    change: (management, { workspaceId }) => management.call('workspaces.suspend', { workspaceId }),
    refused: { status: 403, code: 'workspace_suspended' },
  },
}

export interface TrialPlan {
  /** Of each kind. */
  readonly trials: number
  /** How many run at a time. */
  readonly atOnce: number
}

export interface TrialReport {
  readonly kinds: readonly KindReport[]
  /** Requests of good keys that ran beside the trials, by status and code. */
  readonly background: Readonly<Record<string, number>>
  readonly requests: number
  readonly seconds: number
}

export interface KindReport {
  readonly kind: string
  readonly verdicts: readonly Verdict[]
  readonly medianMs: number
  readonly p95Ms: number
  readonly maxMs: number
  /** From the call instead of from its answer. */
  readonly maxFromCallMs: number
  readonly widestGapMs: number
}

/** How long each key is asked after the answer: longer than the promise. */
const probedForMs = 1_200
/** How often each key is asked of each node: closely from shortly before the change until it should be everywhere. */
const paceMs = { close: 15, far: 100 }
const closeForMs = 350

/** Runs the trials of all kinds, mixed, and judges them. */
export async function runTrials(nodes: Nodes, plan: TrialPlan): Promise<TrialReport> {
  const startedAt = performance.now()
  const workspaceId = await nodes.management.createWorkspace()
  const background = await startBackground(nodes, workspaceId)
  const verdicts = new Map(Object.keys(kinds).map((kind) => [kind, [] as Verdict[]]))
  const names = Object.keys(kinds)
  let next = 0
  let requests = 0
  const worker = async () => {
    const lines = await Promise.all(nodes.api.map(({ apiPort }) => new HttpLine(apiPort).open()))
    for (let number = next++; number < plan.trials * names.length; number = next++) {
      const name = names[number % names.length] ?? ''
      const kind = kinds[name]
      if (!kind) break
      const trial = { name: `${name} ${Math.floor(number / names.length) + 1}`, kind, workspaceId }
      const { verdict, count } = await runTrial(nodes, lines, trial)
      verdicts.get(name)?.push(verdict)
      requests += count
    }
    for (const line of lines) line.close()
  }
  await Promise.all(Array.from({ length: plan.atOnce }, worker))
  return {
    kinds: [...verdicts].map(([kind, all]) => summary(kind, all)),
    background: await background.stop(),
    requests, seconds: (performance.now() - startedAt) / 1_000,
  }
}

interface TrialWish {
  readonly name: string
  readonly kind: Kind
  readonly workspaceId: string
}

async function runTrial(nodes: Nodes, lines: readonly HttpLine[], wish: TrialWish): Promise<{ verdict: Verdict; count: number }> {
  const { name, kind } = wish
  const key = await kind.prepare(nodes.management, wish.workspaceId)
  const request = requestText('GET', kind.path, { token: key.token })
  const series: ProbeSeries[] = []
  let pace = paceMs.far
  for (const [node, line] of lines.entries()) {
    series.push(startProbes({ line, node, request, everyMs: () => pace }))
    await delay(paceMs.close / lines.length) // so that the nodes are asked in turn
  }
  await untilAccepted(series)
  await delay(Math.random() * 250) // at any moment between two polls
  pace = paceMs.close
  await delay(paceMs.far)
  const { sentAt, answeredAt } = await kind.change(nodes.management, key, nodes.github)
  await delay(closeForMs)
  pace = paceMs.far
  await delay(probedForMs - closeForMs + paceMs.far + 20)
  await Promise.all(series.map(({ stop }) => stop()))
  const probes = series.flatMap((each) => each.probes)
  const trial = { name, changedAt: sentAt, answeredAt, probes, nodes: lines.length }
  return { verdict: judge(trial, { accepted: 200, refused: kind.refused, probedForMs }), count: probes.length }
}

/** Returns when every node has accepted the key; a node that does not is the judge's business. */
async function untilAccepted(series: readonly ProbeSeries[]): Promise<void> {
  const until = performance.now() + 3_000
  while (!series.every(({ probes }) => probes.some(({ status }) => status === 200)) && performance.now() < until) await delay(10)
}

/** Good keys of their own on every node, a hundred requests a second each. */
async function startBackground(nodes: Nodes, workspaceId: string) {
  const keys = await Promise.all(Array.from({ length: 20 }, () => nodes.management.createKey({ workspaceId })))
  const series = nodes.api.flatMap(({ apiPort }, node) => keys.slice(0, 4).map((_, part) => {
    let turn = 0
    const request = () => requestText('GET', '/v1/key', { token: keys[(part * 5 + (turn++ % 5))]?.token ?? '' })
    return { line: new HttpLine(apiPort), node, request, everyMs: 40 }
  })).map((wish) => ({ line: wish.line, series: startProbes(wish) }))
  return {
    async stop() {
      await Promise.all(series.map((each) => each.series.stop()))
      for (const { line } of series) line.close()
      const counts: Record<string, number> = {}
      for (const { status, code } of series.flatMap((each) => each.series.probes)) {
        const answer = code === undefined ? String(status) : `${status} ${code}`
        counts[answer] = (counts[answer] ?? 0) + 1
      }
      return counts
    },
  }
}

function summary(kind: string, verdicts: readonly Verdict[]): KindReport {
  const lags = verdicts.map(({ lagMs }) => lagMs)
  return {
    kind, verdicts,
    medianMs: quantile(lags, 0.5), p95Ms: quantile(lags, 0.95), maxMs: Math.max(...lags),
    maxFromCallMs: Math.max(...verdicts.map(({ lagFromCallMs }) => lagFromCallMs)),
    widestGapMs: Math.max(...verdicts.map(({ widestGapMs }) => widestGapMs)),
  }
}

/** A revocation is in force everywhere this long after its answer. */
const promisedMs = 1_000

/** Every trial that broke the promise, by name and by how much; must be empty on any machine, however busy. */
export function faultsOfTrials({ kinds: reports, background }: TrialReport): string[] {
  const late = ({ name, lagMs, lagByNode }: Verdict) =>
    lagMs > promisedMs ? [`${name}: accepted ${ms(lagMs)} after the answer (by node: ${lagByNode.map(ms).join(', ')})`] : []
  const ofTrials = reports.flatMap(({ verdicts }) => verdicts.flatMap((verdict) => [
    ...late(verdict), ...verdict.faults.map((fault) => `${verdict.name}: ${fault}`),
  ]))
  const bad = Object.entries(background).filter(([answer]) => !isGoodAnswer(answer) && !isOutageAnswer(answer))
  return [...ofTrials, ...bad.map(([answer, count]) => `${count} requests of good keys were answered ${answer}`)]
}

/** Where trials prove less than they should, or nodes are slower than they should be: a busy machine, or too much load. */
export function weaknessesOfTrials({ kinds: reports, background }: TrialReport, medianMs: number): string[] {
  const out = Object.entries(background).filter(([answer]) => isOutageAnswer(answer))
  return [
    ...reports.flatMap(({ verdicts }) => verdicts.flatMap(({ name, weaknesses, widestGapMs }) => [
      ...weaknesses.map((weakness) => `${name}: ${weakness}`),
      ...(widestGapMs <= 250 ? [] : [`${name}: a node was not asked for ${ms(widestGapMs)}`]),
    ])),
    ...reports.filter((each) => each.medianMs > medianMs).map((each) => `${each.kind}: median ${ms(each.medianMs)}, should be ${ms(medianMs)}`),
    ...out.map(([answer, count]) => `${count} requests of good keys were answered ${answer}`),
  ]
}

const isGoodAnswer = (answer: string) => answer === '200'
const isOutageAnswer = (answer: string) => answer === '0' || isOutage({ status: Number(answer.slice(0, 3)), code: answer.slice(4) })

/** One line a kind. */
export function describeTrials(report: TrialReport): string {
  const rows = report.kinds.map(({ kind, verdicts, ...at }) => {
    const wrong = verdicts.reduce((sum, { wronglyAccepted }) => sum + wronglyAccepted, 0)
    return `${kind.padEnd(29)} ${verdicts.length} trials: median ${ms(at.medianMs)}, 95 % ${ms(at.p95Ms)}, most ${ms(at.maxMs)} ` +
      `(${ms(at.maxFromCallMs)} from the call); ${wrong} requests accepted after the answer; widest gap between requests to a node ${ms(at.widestGapMs)}`
  })
  const good = Object.entries(report.background).map(([answer, count]) => `${count} × ${answer}`).join(', ')
  return [...rows, `${report.requests} requests of trials and ${good} of good keys in ${report.seconds.toFixed(0)} s`].join('\n')
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`
}
