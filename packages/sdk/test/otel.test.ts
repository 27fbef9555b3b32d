/** Against the real SDK of OpenTelemetry: its spans are what a backend gets. */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { expect, test } from 'vitest'
import { tracing } from '../src/otel.ts'
import { problemAnswer, scriptedServer } from './scripted-server.ts'
import { testClient } from './test-client.ts'

function recordedTracer() {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  return { tracer: provider.getTracer('test'), spans: () => exporter.getFinishedSpans() }
}

test('tracing() makes a client span for each attempt, without what is filled into the path, and without the key', async () => {
  const { url, seen } = await scriptedServer(problemAnswer(503, 'unavailable', { headers: { 'x-request-id': 'req_1' } }), 'reset', { status: 200, json: {} })
  const { tracer, spans } = recordedTracer()
  const inject = (headers: Record<string, string>) => { headers.traceparent = '00-1-2-01' }
  await testClient(url, { middleware: [tracing(tracer, { inject })] }).client.contacts.get('ada@example.com')
  const port = Number(new URL(url).port)
  const attributes = {
    'http.request.method': 'GET', 'url.template': '/contacts/{idOrEmail}', 'url.scheme': 'http', 'server.address': '127.0.0.1',
    'server.port': port, 'letterlock.operation': 'contacts.get',
  }
  expect(spans().map((span) => [span.name, span.kind, span.status.code, span.attributes])).toEqual([
    ['GET /contacts/{idOrEmail}', SpanKind.CLIENT, SpanStatusCode.ERROR, { ...attributes, 'http.response.status_code': 503, 'letterlock.request_id': 'req_1', 'error.type': '503' }],
    ['GET /contacts/{idOrEmail}', SpanKind.CLIENT, SpanStatusCode.ERROR, { ...attributes, 'http.request.resend_count': 1, 'error.type': 'ConnectionError' }],
    ['GET /contacts/{idOrEmail}', SpanKind.CLIENT, SpanStatusCode.UNSET, { ...attributes, 'http.request.resend_count': 2, 'http.response.status_code': 200 }],
  ])
  expect(seen.every((request) => request.headers.traceparent === '00-1-2-01')).toBe(true)
  expect(JSON.stringify(spans().map((span) => [span.attributes, span.events]))).not.toMatch(/acme_key|ada@/)
})
