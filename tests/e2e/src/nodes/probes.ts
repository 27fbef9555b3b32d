// Requests at a steady pace, whether or not the ones before are answered, and what became of each.
import { headerOf, type HttpLine } from './http-line.ts'

/** One request; times in milliseconds by the monotonic clock of this process. */
export interface Probe {
  readonly node: number
  /** Taken after the request was written: it did not leave later than this. */
  readonly sentAt: number
  /** Infinity while there is no answer. */
  answeredAt: number
  /** 0 when no answer came. */
  status: number
  /** The code of a refusal. */
  code?: string | undefined
  retryAfter?: string | null
  isProblem?: boolean
  /** The shared store of limits was out, and the node applied its share. */
  isLocalShare?: boolean
}

export interface ProbeSeries {
  readonly probes: readonly Probe[]
  /** Sends no more; returns when everything is answered, or after the patience is used up. */
  readonly stop: (patienceMs?: number) => Promise<void>
}

export interface ProbeWish {
  readonly line: HttpLine
  readonly node: number
  /** The text of the request, or what makes it. */
  readonly request: string | (() => string)
  /** The pace; asked again before each request. */
  readonly everyMs: number | (() => number)
}

export function startProbes({ line, node, request, everyMs }: ProbeWish): ProbeSeries {
  const probes: Probe[] = []
  const pace = typeof everyMs === 'number' ? () => everyMs : everyMs
  let dueAt = performance.now()
  let timer: NodeJS.Timeout | undefined
  const tick = () => {
    // a timer that came late is made up for: the pace is kept
    for (; dueAt <= performance.now(); dueAt += pace()) {
      if (line.waiting >= mostUnanswered) continue
      probes.push(sendProbe(line, { node, request: typeof request === 'string' ? request : request() }))
    }
    timer = setTimeout(tick, Math.max(1, dueAt - performance.now()))
  }
  tick()
  return {
    probes,
    async stop(patienceMs = 5_000) {
      clearTimeout(timer)
      const until = performance.now() + patienceMs
      while (line.waiting > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 5))
    },
  }
}

/** So many unanswered requests of a series are enough to show that a node does not answer. */
const mostUnanswered = 100

/** Sends one request and notes what becomes of it. */
export function sendProbe(
  line: HttpLine, { node, request }: { node: number; request: string }, onDone?: (probe: Probe) => void,
): Probe {
  let probe: Probe | null = null
  line.send(request, (answer) => {
    if (!probe) return
    probe.answeredAt = performance.now()
    probe.status = answer?.status ?? 0
    if (answer?.head.includes('letterlock-limits: local-share')) probe.isLocalShare = true
    if (answer && answer.status >= 400) {
      probe.code = /"code":"(\w+)"/.exec(answer.body.toString('latin1', 0, 2_000))?.[1]
      probe.retryAfter = headerOf(answer.head, 'retry-after')
      probe.isProblem = headerOf(answer.head, 'content-type') === 'application/problem+json'
    }
    onDone?.(probe)
  })
  probe = { node, sentAt: performance.now(), answeredAt: Infinity, status: 0 }
  return probe
}
