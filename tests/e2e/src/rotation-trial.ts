// A client that never pauses while its key is rotated again and again: each of its instances changes over at its own time.
import { setTimeout as sleep } from 'node:timers/promises'
import { HttpLine, requestText } from './nodes/http-line.ts'
import { type Probe, startProbes } from './nodes/probes.ts'
import type { Nodes } from './nodes/start-nodes.ts'

export interface RotationPlan {
  readonly rotations: number
  /** How long an old secret works on beside the new one. */
  readonly overlapMs: number
  /** Of all instances together. */
  readonly requestsPerSecond: number
}

export interface RotationReport {
  readonly keyId: string
  readonly workspaceId: string
  readonly requests: number
  readonly seconds: number
  /** What was not 200: the code and how often. */
  readonly failures: Readonly<Record<string, number>>
  /** What old secrets were answered after their end, on every node. */
  readonly afterEnd: Readonly<Record<string, number>>
  /** Requests with a secret that was not the newest any more. */
  readonly withOld: number
}

interface Rotated {
  readonly data: { readonly secret: string; readonly version: number }
  readonly answeredAt: number
}

/**
 * One instance of the client per node. At each rotation the first takes the new secret at once, the last shortly before
 * the old one ends, the others between; then the old one is tried on every node.
 */
export async function runRotations(nodes: Nodes, plan: RotationPlan): Promise<RotationReport> {
  const startedAt = performance.now()
  const { rotations, overlapMs, requestsPerSecond } = plan
  const workspaceId = await nodes.management.createWorkspace()
  const { keyId, token } = await nodes.management.createKey({ workspaceId })
  let newest = token
  let withOld = 0
  const held = nodes.api.map(() => token)
  const everyMs = (1_000 * nodes.api.length) / requestsPerSecond
  const lines = await Promise.all(nodes.api.map(({ apiPort }) => new HttpLine(apiPort).open()))
  const series = lines.map((line, node) => startProbes({ line, node, everyMs, request: () => requestOf(node) }))
  const afterEnd: Record<string, number> = {}
  for (let rotation = 0; rotation < rotations; rotation++) {
    await sleep(200) // a while with one secret
    const old = newest
    const { data, answeredAt }: Rotated = await nodes.management.call('keys.rotate', { keyId, overlap: `${overlapMs / 1_000}s` })
    newest = data.secret
    for (const node of nodes.api.keys()) {
      await untilTime(answeredAt + (changeOverBy * overlapMs * node) / (nodes.api.length - 1))
      held[node] = newest
    }
    await untilTime(answeredAt + overlapMs)
    for (const line of lines) count(afterEnd, codeOf(await line.ask(requestText('GET', '/v1/key', { token: old }))))
  }
  await Promise.all(series.map(({ stop }) => stop()))
  for (const line of lines) line.close()
  const probes = series.flatMap((each) => each.probes)
  return { keyId, workspaceId, requests: probes.length, seconds: (performance.now() - startedAt) / 1_000, failures: failuresOf(probes), afterEnd, withOld }

  function requestOf(node: number): string {
    const token = held[node] as string // one each
    if (token !== newest) withOld++
    return requestText('GET', '/v1/key', { token })
  }
}

/** The part of the overlap in which all change over; the rest is for what a stalled machine sends late. */
const changeOverBy = 0.6

async function untilTime(ms: number): Promise<void> {
  await sleep(Math.max(0, ms - performance.now()))
}

function failuresOf(probes: readonly Probe[]): Record<string, number> {
  const failures: Record<string, number> = {}
  for (const { status, code } of probes) if (status !== 200) count(failures, code ?? String(status))
  return failures
}

function codeOf(answer: { status: number; body: Buffer } | null): string {
  if (answer?.status === 200) return '200'
  return /"code":"(\w+)"/.exec(String(answer?.body))?.[1] ?? String(answer?.status ?? 0)
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
