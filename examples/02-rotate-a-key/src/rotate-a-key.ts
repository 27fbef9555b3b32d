// Rotates the secret of a key while two programs use it, and ends the old one when nobody does any more.
// LETTERLOCK_ROOT_KEY and LETTERLOCK_MANAGEMENT_URL are the platform's, LETTERLOCK_BASE_URL is what its customers call.
import { createAdmin } from '@letterlock/admin'
import { Letterlock } from 'letterlock'
import { setTimeout as wait } from 'node:timers/promises'
import { startCustomer } from './customer.ts'

const admin = createAdmin()
const { workspace } = await admin.workspaces.create({ name: 'Rotation' })
const { key, secret: oldSecret } = await admin.keys.create({ workspaceId: workspace.id, mode: 'live', name: 'CRM', scopes: ['contacts:read'] })
const keyId = key.id

const quick = startCustomer(oldSecret)
const slow = startCustomer(oldSecret)
console.log(`made       ${keyId}, two programs use it`)

const rotated = await admin.keys.rotate({ keyId, overlap: '1h' })
quick.deliver(rotated.secret)
console.log(`rotated    version ${rotated.version} beside version 1, which would end by itself at ${rotated.retiresAt}`)

// requests are counted within a second of their answer
const both = await drainWhen(({ requests }) => requests.old > 20 && requests.newest > 20)
console.log(`in use     ${both.requests.old} requests with the old secret, ${both.requests.newest} with the new one`)

slow.deliver(rotated.secret)
const since = new Date().toISOString()
console.log('delivered  the new secret to the other program too')

await drainWhen(({ requests }) => requests.newest > both.requests.newest + 100)
const silent = await drainWhen(({ callers }) => callers.every(({ isSuperseded, lastSeenAt }) => !isSuperseded || lastSeenAt < since))
console.log(`silent     nobody has used the old secret since ${since}, after ${silent.requests.old} requests`)

const { secretVersion } = await admin.keys.retireSecret({ keyId, version: 1, reason: 'both programs have the new one' })
console.log(`retired    version 1 at ${secretVersion.retirement?.retiredAt}: ${secretVersion.retirement?.cause}`)
await wait(1_000) // by then every node knows

const late = await new Letterlock({ apiKey: oldSecret }).key.get().catch((error: { code: string }) => error)
console.log('refused   ', 'code' in late ? late.code : 'not at all')
await Promise.all([quick.stop(), slow.stop()])
const failed = quick.counts.failed + slow.counts.failed
console.log(`failed     ${failed} of ${quick.counts.ok + slow.counts.ok + failed} requests`)
await admin.keys.revoke({ keyId, reason: 'the example is over' })
if (failed > 0 || !('code' in late)) process.exitCode = 1

/** Looks at who uses which secret until it is as wished, for half a minute at most. */
async function drainWhen(isAsWished: (drain: Drain) => boolean): Promise<Drain> {
  for (const end = Date.now() + 30_000; ;) {
    const drain = await admin.keys.drain({ keyId })
    if (isAsWished(drain)) return drain
    if (Date.now() > end) throw new Error(`still not: ${JSON.stringify(drain.requests)}`)
    await wait(250)
  }
}

type Drain = Awaited<ReturnType<typeof admin.keys.drain>>
