import { parentPort, workerData } from 'node:worker_threads'
import { startDatabaseProxy } from './database-proxy.ts'
import type { WireAnswer, WireOrder } from './wire-messages.ts'

const proxy = await startDatabaseProxy(workerData as number) // given by startWire
const obey: Record<WireOrder['order'], () => void> = {
  pass: proxy.pass,
  cut: proxy.cut,
  'black hole': proxy.blackHole,
  mute: () => proxy.mute(true),
  unmute: () => proxy.mute(false),
  count: () => undefined,
}
parentPort?.on('message', ({ id, order }: WireOrder) => {
  obey[order]()
  parentPort?.postMessage({ id, counts: { statements: proxy.statements(), notifications: proxy.notifications() } } satisfies WireAnswer)
})
parentPort?.postMessage({ port: proxy.port })
