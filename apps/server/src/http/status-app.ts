import { openapiDocument } from '@letterlock/contract/openapi'
import { Hono } from 'hono'
import type { Registry } from 'prom-client'

export interface StatusAppDeps {
  readonly registry: Registry
  /** What keeps the process from serving; empty when it is ready. */
  readonly notReady: () => Promise<string[]>
  readonly productUrl: () => string
  readonly version: string
}

/** Health, metrics and the OpenAPI document, on the management port. */
export function statusApp(deps: StatusAppDeps): Hono {
  const app = new Hono()
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    const reasons = await deps.notReady()
    if (reasons.length === 0) return c.json({ status: 'ready' })
    return c.json({ status: 'not ready', reasons }, 503, { 'retry-after': '1' })
  })
  app.get('/metrics', async (c) => c.text(await deps.registry.metrics(), 200, { 'content-type': deps.registry.contentType }))
  app.get('/openapi.json', (c) => c.json(openapiDocument({ serverUrl: deps.productUrl(), version: deps.version })))
  return app
}
