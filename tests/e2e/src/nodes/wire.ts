// The proxy of a node in a thread of its own: what this process is busy with must not delay the way to the database.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { WireAnswer, WireCounts, WireOrder } from './wire-messages.ts'

/** The way of one node to PostgreSQL; each order is obeyed when its promise resolves. See `database-proxy.ts`. */
export interface Wire {
  readonly port: number
  readonly pass: () => Promise<WireCounts>
  readonly cut: () => Promise<WireCounts>
  readonly blackHole: () => Promise<WireCounts>
  readonly mute: (isMuted: boolean) => Promise<WireCounts>
  readonly counts: () => Promise<WireCounts>
  readonly stop: () => Promise<void>
}

export async function startWire(databasePort: number): Promise<Wire> {
  const worker = new Worker(new URL('./wire-thread.ts', import.meta.url), { workerData: databasePort, execArgv: [] })
  const [{ port }] = (await once(worker, 'message')) as [{ port: number }]
  const waiting = new Map<number, (counts: WireCounts) => void>()
  let number = 0
  worker.on('message', ({ id, counts }: WireAnswer) => {
    waiting.get(id)?.(counts)
    waiting.delete(id)
  })
  const tell = (order: WireOrder['order']) => new Promise<WireCounts>((resolve) => {
    waiting.set(++number, resolve)
    worker.postMessage({ id: number, order } satisfies WireOrder)
  })
  return {
    port,
    pass: () => tell('pass'),
    cut: () => tell('cut'),
    blackHole: () => tell('black hole'),
    mute: (isMuted) => tell(isMuted ? 'mute' : 'unmute'),
    counts: () => tell('count'),
    stop: async () => void (await worker.terminate()),
  }
}
