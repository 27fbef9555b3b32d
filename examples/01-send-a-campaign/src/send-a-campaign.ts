// Loads contacts from a CSV file, sends them a campaign and shows what became of it.
// LETTERLOCK_API_KEY and LETTERLOCK_BASE_URL say who and where.
import { Letterlock } from 'letterlock'
import { followCampaign } from './follow-campaign.ts'
import { loadContacts } from './load-contacts.ts'
import { showOneMessage } from './show-one-message.ts'

const letterlock = new Letterlock()
const startedAt = new Date()
const stamp = startedAt.toISOString()

const list = await letterlock.lists.create({ name: `Readers, ${stamp}` })
const loaded = await loadContacts(letterlock, { file: new URL('../contacts.csv', import.meta.url), listId: list.id })
console.log(`loaded     ${loaded.created} new and ${loaded.updated} known contacts`)

const campaign = await letterlock.campaigns.create({
  name: `Hello, ${stamp}`,
  from: 'Acme News <news@acme.example>',
  subject: 'Hello {{ contact.firstName | default: "there" }}, your {{ contact.properties.plan }} plan',
  html: `<h1>Hello {{ contact.firstName | default: "there" }}</h1>
<p>You are on the {{ contact.properties.plan }} plan with {{ contact.properties.seats }} seats.</p>
<p><a href="{{ unsubscribeUrl }}">Unsubscribe</a></p>`,
  listIds: [list.id],
})

// the key makes a repeat harmless: after a lost answer, say, or when this line runs twice
const idempotencyKey = `send-${campaign.id}`
await letterlock.campaigns.send(campaign.id, { idempotencyKey })
await letterlock.campaigns.send(campaign.id, { idempotencyKey })

const stats = await followCampaign(letterlock, campaign.id)
console.log('stats     ', JSON.stringify(stats))
await showOneMessage(startedAt)
if (stats.sent !== stats.audience) process.exitCode = 1
