// Calls a second of the client over loopback, against bare fetch that sends the same requests and reads the same answers.
import { letterlockKeys } from '@letterlock/keys'
import { Letterlock } from 'letterlock'
import { compare } from './compare.ts'
import { inParallel } from './in-parallel.ts'
import type { Run } from './run.ts'
import { startPeer, withSurroundings } from './surroundings.ts'

const numbers = Array.from({ length: 10_000 }, (_, i) => i)

await withSurroundings(async (closers) => {
  const { pid, ready } = await startPeer<{ port: number }>(closers, 'contact-server')
  const baseUrl = `http://127.0.0.1:${ready.port}`
  const apiKey: string = letterlockKeys.issue({ mode: 'live' }).token
  const letterlock = new Letterlock({ apiKey, baseUrl })
  const body = (i: number) => ({ email: `ada${i}@example.com`, firstName: 'Ada', properties: { plan: 'pro' } })
  const bare = async (i: number) => {
    const response = await fetch(`${baseUrl}/v1/contacts`, {
      method: 'POST', body: JSON.stringify(body(i)), signal: AbortSignal.timeout(30_000),
      headers: {
        accept: 'application/json', authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'user-agent': 'letterlock',
        'idempotency-key': `auto_${crypto.randomUUID()}`,
      },
    })
    return (await response.json()) as { id: string }
  }
  await compare({
    unit: 'calls',
    subject: { name: 'letterlock', run: () => runCalls((i) => letterlock.contacts.create(body(i))) },
    peers: [{ name: 'bare fetch', run: () => runCalls(bare) }],
    rounds: 9,
    processes: { client: () => [process.pid], server: () => [pid] },
  })
})

function runCalls(call: (i: number) => PromiseLike<{ id: string }>): Promise<Run> {
  return inParallel(numbers, { concurrency: 8 }, async (i) => {
    const { id } = await call(i)
    if (!id.startsWith('con_')) throw new Error('another answer')
  })
}
