import { parentPort, workerData } from 'node:worker_threads'
import { startDatabaseProxy } from './database-proxy.ts'
import type { WireCounts } from './wire.ts'

export interface WireOrder {
  readonly id: number
  readonly order: 'pass' | 'cut' | 'black hole' | 'mute' | 'unmute' | 'count'
}

export interface WireAnswer {
  readonly id: number
  readonly counts: WireCounts
}

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
