// A campaign through the platform against a bare nodemailer pool, all to one SMTP sink in its own process. The pool
// twice: once it writes the MIME itself, as anyone would use it, and once it gets it finished, as the floor.
import { Letterlock } from 'letterlock'
import nodemailer, { type SendMailOptions } from 'nodemailer'
import MailComposer from 'nodemailer/lib/mail-composer'
import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { compare } from './compare.ts'
import type { Run } from './run.ts'
import { startPeer, startPlatform, withSurroundings } from './surroundings.ts'

const recipients = Number(process.env['BENCH_RECIPIENTS'] ?? 5_000)
const rounds = 4
const connections = 10
const from = 'news@acme.example'

// {{…}} are the merge values of the platform; the bare pool gets finished texts
const paragraph = 'The old craft of folding a letter so that it becomes its own lock needs no envelope and no wax. '.repeat(4)
const template = {
  subject: 'News for {{ contact.firstName }}',
  text: `Hello {{ contact.firstName }},\n\n${`${paragraph}\n\n`.repeat(2)}Unsubscribe: {{ unsubscribeUrl }}\n`,
  html: `<html><body><h1>Hello {{ contact.firstName }}</h1>${`<p>${paragraph}</p>`.repeat(2)}<p><a href="{{ unsubscribeUrl }}">Unsubscribe</a></p></body></html>`,
}
const people = Array.from({ length: recipients }, (_, i) => ({ email: `person${i}@example.com`, firstName: `Person ${i}` }))

await withSurroundings(async (closers) => {
  const sink = await startPeer<{ url: string }>(closers, 'smtp-sink')
  const platform = await startPlatform(closers, { environment: { SMTP_URL: sink.ready.url, LETTERLOCK_SMTP_CONNECTIONS: String(connections) } })
  const { apiUrl, liveKey } = platform.server.dev()
  const client = new Letterlock({ apiKey: liveKey, baseUrl: apiUrl })
  const listId = await loadList(client)

  const pool = nodemailer.createTransport({ url: sink.ready.url, pool: true, maxConnections: connections, maxMessages: 1_000 })
  closers.defer(() => pool.close())
  const messages = people.map((person) => finished(person, `${apiUrl}/u/${'x'.repeat(60)}`))
  const raw = await Promise.all(messages.map(async (message) => (
    { envelope: { from, to: message.to }, raw: await new MailComposer(message).compile().build() })))

  const sizes: Record<string, number> = {}
  const platformRound = async () => {
    const campaign = await client.campaigns.create({ name: 'Benchmark', from, listIds: [listId], ...template })
    const run = await untilLastMessage(sink.child, 'Letterlock', () => client.campaigns.send(campaign.id))
    while ((await client.campaigns.get(campaign.id)).status !== 'sent') await delay(50)
    return run
  }
  const poolRound = (side: string, mails: readonly SendMailOptions[]) => untilLastMessage(sink.child, side, async () => {
    const rest = mails.values() // all workers take from one iterator; twice as many as connections is as fast as all at once
    await Promise.all(Array.from({ length: connections * 2 }, async () => {
      for (const mail of rest) await pool.sendMail(mail)
    }))
  })

  async function untilLastMessage(child: ChildProcess, side: string, send: () => Promise<unknown>): Promise<Run> {
    child.send({ expect: recipients })
    await once(child, 'message')
    const startedAt = performance.now()
    const [[{ bytes }]] = (await Promise.all([once(child, 'message'), send()])) as [[{ bytes: number }], unknown]
    sizes[side] = Math.round(bytes / recipients)
    return { count: recipients, seconds: (performance.now() - startedAt) / 1_000 }
  }

  console.log(`${recipients} recipients a round, from the send call to the last message at the sink`)
  await compare({
    unit: 'messages', rounds,
    subject: { name: 'Letterlock', run: platformRound },
    peers: [
      { name: 'bare pool', run: () => poolRound('bare pool', messages) },
      { name: 'bare pool with finished MIME', run: () => poolRound('bare pool with finished MIME', raw) },
    ],
    processes: {
      server: platform.serverPids, PostgreSQL: platform.postgresPids, sink: () => [sink.pid], 'bare pool and client': () => [process.pid],
    },
  })
  console.log(`bytes a message: ${Object.entries(sizes).map(([side, size]) => `${side} ${size}`).join(', ')}`)
})

async function loadList(client: Letterlock): Promise<string> {
  const { id } = await client.lists.create({ name: 'Everybody' })
  for (let at = 0; at < people.length; at += 1_000) {
    await client.contacts.batch({ contacts: people.slice(at, at + 1_000).map((person) => ({ ...person, listIds: [id] })) })
  }
  return id
}

function finished({ email, firstName }: { email: string; firstName: string }, unsubscribeUrl: string) {
  const fill = (text: string) => text.replaceAll('{{ contact.firstName }}', firstName).replaceAll('{{ unsubscribeUrl }}', unsubscribeUrl)
  return {
    from, to: email, subject: fill(template.subject), text: fill(template.text), html: fill(template.html),
    headers: { 'List-Unsubscribe': `<${unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  }
}
