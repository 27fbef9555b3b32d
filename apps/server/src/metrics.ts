import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What the process counts, in Prometheus' words. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    requests: new Counter({
      name: 'letterlock_requests_total',
      help: 'Requests to the product API by operation and outcome.',
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
    /** Shows how many usage counters wait to be saved. */
    observeUsageWaiting(waiting: () => number) {
      return new Gauge({
        name: 'letterlock_usage_waiting',
        help: 'Usage counters that are recorded but not saved yet.',
        registers: [registry],
        collect() {
          this.set(waiting())
        },
      })
    },
  }
}

export type Metrics = ReturnType<typeof createMetrics>
