/** A Letterlock server in memory, for tests of programs that use the API. */
export { createTestServer, type Meter, type TestServer, type TestServerOptions } from './create-test-server.ts'
export type { FaultKind, FaultScope, TestFaults } from './faults.ts'
export type { ServedRequest } from './http/serve.ts'
export type { NewKey, TestKey, TestKeys } from './keys/test-keys.ts'
export type { SentMessage } from './mail/outbox.ts'
export type { TestClock } from './test-clock.ts'
export type { Delivery, NewEndpoint, TestEndpoint, TestWebhooks, WebhookReceiver } from './webhooks/test-webhooks.ts'
