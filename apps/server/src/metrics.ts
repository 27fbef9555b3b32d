import type { UsageState, VerifierState } from '@letterlock/verifier'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { OpenLimits } from './open-limits.ts'

/** What the process counts, in Prometheus' words. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    requests: new Counter({
      name: 'letterlock_requests_total',
      help: 'Requests to the product API, and verifications for others, by operation and outcome.',
      labelNames: ['operation', 'outcome'] as const,
      registers: [registry],
    }),
    requestSeconds: new Histogram({
      name: 'letterlock_request_seconds',
      help: 'Time from the first header to the answer.',
      labelNames: ['operation'] as const,
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    }),
    /** Shows what of usage waits to be saved, and what was lost. */
    observeUsage(state: () => UsageState) {
      gauge('letterlock_usage_waiting', 'Usage counters that are recorded but not saved yet.', () => state().counts)
      gauge('letterlock_usage_records_waiting', 'Records of requests that are not saved yet.', () => state().records)
      counter('letterlock_usage_records_dropped_total', 'Records of requests that were dropped because the database was out; they are counted.', () => state().dropped)
    },
    /** Shows how fresh the view of the keys is, and what it costs. */
    observeVerifier(state: () => VerifierState) {
      gauge('letterlock_verifier_fresh', '1 while the view of the keys is proven recent, else 0.', () => (state().isFresh ? 1 : 0))
      gauge('letterlock_verifier_age_seconds', 'How old the view of the keys can be.', () => state().ageMs / 1_000)
      gauge('letterlock_verifier_revision', 'The last revision of the control plane that was seen.', () => state().revision ?? 0)
      gauge('letterlock_verifier_keys', 'Proven keys held in memory.', () => state().keys)
      gauge('letterlock_verifier_refused_tokens', 'Wrong tokens held in memory.', () => state().refused)
      counter('letterlock_verifier_hits_total', 'Checks answered from a key in memory.', () => state().hits)
      counter('letterlock_verifier_reads_total', 'Reads of the database by checks.', () => state().reads)
      counter('letterlock_verifier_polls_total', 'Questions for changes.', () => state().polls)
      counter('letterlock_verifier_poll_failures_total', 'Questions for changes without an answer.', () => state().pollFailures)
    },
    /** Shows whether limits are shared with the other nodes. */
    observeLimits(limits: OpenLimits) {
      gauge('letterlock_limiter_degraded', '1 while the shared store of rate limits is out and this node applies its share, else 0.', () => (limits.state() === 'closed' ? 0 : 1))
      counter('letterlock_limiter_faults_total', 'Calls to the shared store of rate limits that failed or came late.', () => limits.counts().faults)
      counter('letterlock_limiter_openings_total', 'Times the shared store of rate limits was given up.', () => limits.counts().openings)
      counter('letterlock_limiter_local_answers_total', 'Requests answered from the local share of the rate limits.', () => limits.counts().localAnswers)
    },
  }

  function gauge(name: string, help: string, read: () => number) {
    return new Gauge({ name, help, registers: [registry], collect() { this.set(read()) } })
  }

  /** A count that is kept elsewhere and only ever rises. */
  function counter(name: string, help: string, read: () => number) {
    return new Counter({
      name, help, registers: [registry],
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }
}

export type Metrics = ReturnType<typeof createMetrics>
