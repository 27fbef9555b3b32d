import { type CampaignId, type ContactId, type EnvironmentId, type ListId, newId } from '@letterlock/contract'
import { campaignRecipients, campaignReports, campaigns, type Db } from '@letterlock/db'
import type { HandOver } from '@letterlock/mail'
import { randomBytes } from 'node:crypto'
import { createSender, type Sender } from '../create-sender.ts'
import type { SenderLimits } from '../limits.ts'

/** Fast enough for tests; the proportions stay. */
export const quick: Partial<SenderLimits> = { pollMs: 20, resultDelayMs: 20, drainMs: 3_000, unreachableBaseMs: 50, unreachableCapMs: 100, retryBaseMs: 50 }

export const messageIdSecret = randomBytes(32)
const write = (...event: unknown[]) => void (process.env.LETTERLOCK_TEST_LOG && console.error(...event))
export const silent = { info: write, warn: write, error: write }

export async function seedEnvironment(db: Db, mode: 'live' | 'test' = 'live'): Promise<EnvironmentId> {
  const workspaceId = newId('workspace')
  const environmentId = newId('environment')
  const at = new Date()
  await db.insertInto('workspaces').values({ id: workspaceId, name: 'W', status: 'active', created_at: at, updated_at: at }).execute()
  await db.insertInto('environments').values({ id: environmentId, workspace_id: workspaceId, mode, created_at: at }).execute()
  return environmentId
}

export async function seedList(db: Db, environmentId: EnvironmentId): Promise<ListId> {
  const id = newId('list')
  const at = new Date()
  await db
    .insertInto('lists')
    .values({ environment_id: environmentId, id, name: 'L', double_opt_in: false, visibility: 'private', created_at: at, updated_at: at })
    .execute()
  return id
}

/** Contacts `p0@…`, `p1@…`, with their number as a property. */
export async function seedContacts(
  db: Db, environmentId: EnvironmentId, options: { count: number; email?: (index: number) => string },
): Promise<ContactId[]> {
  const { count, email = (index: number) => `p${index}@people.example` } = options
  const ids = Array.from({ length: count }, () => newId('contact'))
  const at = new Date()
  for (let from = 0; from < count; from += 1_000) {
    const values = ids.slice(from, from + 1_000).map((id, offset) => ({
      environment_id: environmentId,
      id,
      email: email(from + offset),
      email_key: email(from + offset).toLowerCase(),
      first_name: `Name${from + offset}`,
      last_name: null,
      properties: JSON.stringify({ number: from + offset }),
      created_at: at,
      updated_at: at,
    }))
    await db.insertInto('contacts').values(values).execute()
  }
  return ids
}

export async function join(
  db: Db,
  environmentId: EnvironmentId,
  member: { listId: ListId; contactIds: readonly ContactId[]; status?: 'subscribed' | 'unconfirmed' | 'unsubscribed' },
): Promise<void> {
  const at = new Date()
  const { listId, contactIds, status = 'subscribed' } = member
  for (let from = 0; from < contactIds.length; from += 1_000) {
    const values = contactIds.slice(from, from + 1_000)
      .map((id) => ({ environment_id: environmentId, list_id: listId, contact_id: id, status, created_at: at, updated_at: at }))
    await db.insertInto('list_members').values(values).execute()
  }
}

export async function seedCampaign(
  db: Db, environmentId: EnvironmentId, options: { listIds: ListId[]; excludeListIds?: ListId[]; now?: Date },
): Promise<CampaignId> {
  const id = newId('campaign')
  const now = options.now ?? new Date()
  await db.transaction().execute(async (tx) => {
    await campaigns.insertCampaign(tx, environmentId, {
      id, now, name: 'C', subject: 'Hello {{ contact.firstName }}', text: null,
      html: '<p>Dear {{ contact.firstName }}, number {{ contact.properties.number }}.</p>',
      from_mailbox: 'Acme <hello@acme.example>', reply_to: null, list_ids: options.listIds,
      exclude_list_ids: options.excludeListIds ?? [],
    })
    await campaigns.startCampaign(tx, environmentId, { id, now })
  })
  return id
}

/** One list of so many people, and a campaign to it that has started. */
export async function seedStartedCampaign(db: Db, options: { count: number; mode?: 'live' | 'test'; email?: (index: number) => string }) {
  const environmentId = await seedEnvironment(db, options.mode)
  const listId = await seedList(db, environmentId)
  const contactIds = await seedContacts(db, environmentId, options)
  await join(db, environmentId, { listId, contactIds })
  const campaignId = await seedCampaign(db, environmentId, { listIds: [listId] })
  return { environmentId, listId, contactIds, campaignId }
}

export function senderFor(
  db: Db, options: { live?: HandOver; test?: HandOver; clock?: () => Date; limits?: Partial<SenderLimits> },
): Sender {
  const refuse: HandOver = () => Promise.reject(new Error('nothing may come this way'))
  return createSender({
    db,
    transports: { live: options.live ?? refuse, test: options.test ?? refuse },
    clock: options.clock ?? (() => new Date()),
    log: silent,
    messageIdSecret,
    unsubscribeUrl: ({ campaignId, contactId }) => `https://mail.example/u/${campaignId}.${contactId}`,
    limits: { ...quick, ...options.limits },
  })
}

/** Waits until the condition holds; fails after 15 s. */
export async function until<T>(what: () => Promise<T | false | null | undefined> | T | false): Promise<T> {
  for (let tries = 0; tries < 1_500; tries += 1) {
    const value = await what()
    if (value) return value
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('it never came')
}

export function untilStatus(db: Db, environmentId: EnvironmentId, campaign: { id: CampaignId; status: string }) {
  return until(async () => {
    const row = await campaigns.findCampaign(db, environmentId, campaign.id)
    return row?.status === campaign.status && row
  })
}

export const countsOf = (db: Db, environmentId: EnvironmentId, id: CampaignId) =>
  campaignReports.countByState(db, environmentId, id)

/** Freezes the audience without a sender. */
export async function freezeAll(
  db: Db, environmentId: EnvironmentId, { campaignId, size = 5_000 }: { campaignId: CampaignId; size?: number },
): Promise<void> {
  const next = () =>
    db.transaction().execute((tx) => campaignRecipients.freezeNext(tx, environmentId, { campaignId, size, now: new Date() }))
  while ((await next()) === 'more');
}
