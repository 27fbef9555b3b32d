/** OpenTelemetry without a dependency: the tracer is given, and only the part of it that is named here is used. */
import type { Middleware } from './middleware.ts'

type AttributeValue = string | number

/** A span, as `@opentelemetry/api` has it. */
export interface OtelSpan {
  setAttribute(name: string, value: AttributeValue): unknown
  setStatus(status: { code: number; message?: string }): unknown
  end(): void
}

/** A tracer, as `trace.getTracer('my-app')` of `@opentelemetry/api` answers it. */
export interface OtelTracer {
  startActiveSpan<T>(name: string, options: { kind: number; attributes: Record<string, AttributeValue> }, run: (span: OtelSpan) => T): T
}

export interface TracingOptions {
  /** Puts the trace's headers on the request: `(headers) => propagation.inject(context.active(), headers)`. */
  readonly inject?: ((headers: Record<string, string>) => void) | undefined
}

// SpanKind.CLIENT and SpanStatusCode.ERROR of @opentelemetry/api
const clientSpan = 2
const errorStatus = 2

/**
 * A span for each attempt, by the semantic conventions for HTTP clients. What is filled into the path is left out: it
 * may be somebody's address. The key is never seen.
 * @example
 * const letterlock = new Letterlock({ middleware: [tracing(trace.getTracer('shop'))] })
 */
export function tracing(tracer: OtelTracer, { inject }: TracingOptions = {}): Middleware {
  return (request, next, { operation, pathTemplate, attempt }) => {
    const { hostname, port, protocol } = new URL(request.url)
    const attributes = {
      'http.request.method': request.method,
      'url.template': pathTemplate,
      'url.scheme': protocol.slice(0, -1),
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
      'letterlock.operation': operation,
      ...(attempt > 1 && { 'http.request.resend_count': attempt - 1 }),
    }
    return tracer.startActiveSpan(`${request.method} ${pathTemplate}`, { kind: clientSpan, attributes }, async (span) => {
      const fail = (type: string) => {
        span.setAttribute('error.type', type)
        span.setStatus({ code: errorStatus })
      }
      try {
        const carrier: Record<string, string> = {}
        inject?.(carrier)
        for (const [name, value] of Object.entries(carrier)) request.headers.set(name, value)
        const response = await next(request)
        span.setAttribute('http.response.status_code', response.status)
        const requestId = response.headers.get('x-request-id')
        if (requestId !== null) span.setAttribute('letterlock.request_id', requestId)
        if (response.status >= 400) fail(String(response.status))
        return response
      } catch (error) {
        fail(error instanceof Error ? error.name : 'unknown')
        throw error
      } finally {
        span.end()
      }
    })
  }
}
