// A campaign whose server is killed again and again, and what must be true at the end.
import { Letterlock } from 'letterlock'
import { createSite, delay, isAlive, postmasterPid, type ServerProcess, type Site, startServerProcess } from './server-process.ts'
import { type SmtpSink, startSmtpSink } from './smtp-sink.ts'

/**
 * `server`: only the Node process is killed, PostgreSQL stays behind as an orphan. `both`: PostgreSQL is killed too.
 * `nobody`: the server is asked to stop by SIGTERM.
 */
export type Victim = 'server' | 'both' | 'nobody'

export interface CrashReport {
  readonly audience: number
  readonly stats: Record<'sent' | 'failed' | 'suppressed' | 'unknown' | 'queued' | 'sending', number>
  /** Addresses that the sink got more than once. */
  readonly twice: string[]
  /** Recipients whose ledger and sink disagree. */
  readonly disagreements: string[]
  readonly contactsBefore: number
  readonly contactsAfter: number
  readonly kills: number
  readonly readyMs: number[]
  /** How often a start found a PostgreSQL that a killed server had left behind. */
  readonly orphansStopped: number
}

export async function crashCampaign(options: { recipients: number; kills: number; victim: Victim; log?: (text: string) => void }): Promise<CrashReport> {
  const sink = await startSmtpSink({ delayMs: 2 })
  const site = await createSite({ SMTP_URL: sink.url })
  const readyMs: number[] = []
  let orphansStopped = 0
  const start = async () => {
    const startedAt = performance.now()
    const server = await startServerProcess(site)
    readyMs.push(Math.round(performance.now() - startedAt))
    if (server.output().includes('orphan_stopped')) orphansStopped++
    return server
  }
  let server = await start()
  try {
    const client = clientOf(server)
    const campaignId = await loadCampaign(client, options.recipients)
    await client.campaigns.send(campaignId)
    for (let kill = 1; kill <= options.kills; kill++) {
      await reach(sink, Math.floor((options.recipients * kill) / (options.kills + 1)))
      await end(server, site, options.victim)
      options.log?.(`kill ${kill} at ${sink.total()} messages`)
      server = await start()
    }
    const measured = { kills: options.kills, recipients: options.recipients, readyMs, orphansStopped }
    return await report(clientOf(server), { campaignId, sink, ...measured })
  } finally {
    await server.kill('SIGTERM')
    await sink.close()
    site.remove()
  }
}

async function end(server: ServerProcess, site: Site, victim: Victim): Promise<void> {
  if (victim === 'nobody') return server.kill('SIGTERM')
  const postgres = postmasterPid(site)
  await server.kill('SIGKILL')
  if (!postgres || !isAlive(postgres)) throw new Error('PostgreSQL went with the server; there is no orphan to prove anything with')
  if (victim === 'both') process.kill(postgres, 'SIGKILL')
}

export function clientOf(server: ServerProcess): Letterlock {
  const { apiUrl, liveKey } = server.dev()
  return new Letterlock({ apiKey: liveKey, baseUrl: apiUrl })
}

/** Makes contacts, a list and a campaign to them; returns the campaign's id. */
export async function loadCampaign(client: Letterlock, recipients: number): Promise<string> {
  const list = await client.lists.create({ name: 'Everybody' })
  for (let from = 0; from < recipients; from += 1_000) {
    const count = Math.min(1_000, recipients - from)
    const contacts = Array.from({ length: count }, (_, i) => ({ email: `person${from + i}@example.com`, firstName: `Person ${from + i}`, listIds: [list.id] }))
    await client.contacts.batch({ contacts })
  }
  const campaign = await client.campaigns.create({
    name: 'Crash', from: 'news@acme.example', subject: 'Hello {{ contact.firstName }}',
    html: '<p>Hello {{ contact.firstName }}</p>', listIds: [list.id],
  })
  return campaign.id
}

async function reach(sink: SmtpSink, count: number): Promise<void> {
  const deadline = AbortSignal.timeout(120_000)
  while (sink.total() < count) {
    if (deadline.aborted) throw new Error(`the sink got ${sink.total()} messages, not ${count}`)
    await delay(5)
  }
}

async function report(
  client: Letterlock, run: { campaignId: string; sink: SmtpSink; kills: number; recipients: number; readyMs: number[]; orphansStopped: number },
): Promise<CrashReport> {
  const deadline = AbortSignal.timeout(180_000)
  while ((await client.campaigns.get(run.campaignId)).status !== 'sent') {
    if (deadline.aborted) throw new Error(`the campaign did not end: ${JSON.stringify(await client.campaigns.stats(run.campaignId))}`)
    await delay(250)
  }
  const stats = await client.campaigns.stats(run.campaignId)
  const disagreements: string[] = []
  for await (const { email, state } of client.campaigns.recipients(run.campaignId, { limit: 100 })) {
    const got = run.sink.counts.get(email) ?? 0
    const agree = state === 'unknown' ? got <= 1 : got === (state === 'sent' ? 1 : 0)
    if (!agree) disagreements.push(`${email} is ${state} and got ${got}`)
  }
  let contactsAfter = 0
  for await (const _ of client.contacts.list({ limit: 100 })) contactsAfter++
  return {
    audience: stats.audience, stats, disagreements, kills: run.kills, readyMs: run.readyMs, orphansStopped: run.orphansStopped,
    twice: [...run.sink.counts].filter(([, count]) => count > 1).map(([address]) => address),
    contactsBefore: run.recipients, contactsAfter,
  }
}
