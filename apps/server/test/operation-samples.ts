import { newId, type OperationId } from '@letterlock/contract'
import type { TestServer } from './test-server.ts'

/** Things of one environment that operations act on. */
export interface Things {
  readonly contactId: string
  readonly email: string
  readonly propertyKey: string
  readonly listId: string
  readonly campaignId: string
  readonly emailId: string
}

/** A valid request of one operation. */
export interface Sample {
  readonly path: (things: Things) => string
  readonly body?: (things: Things) => unknown
  /** Bodies that fill every free string which the schema knows. */
  readonly full?: (things: Things) => readonly unknown[]
  /** The paths (below the resource) or bodies of this operation name no thing by id. */
  readonly namesNothing?: true
}

/** A valid request for each operation of the table: the matrices iterate over it, so a new row cannot be forgotten. */
export const samples = {
  'key.get': { path: () => '/key', namesNothing: true },
  'key.revoke': { path: () => '/key/revoke', body: () => ({}), full: () => [{ reason: 'lost' }], namesNothing: true },
  'usage.get': { path: () => '/usage', namesNothing: true },
  'contacts.create': { path: () => '/contacts', body: (t) => ({ email: `new-${Math.floor(performance.now() * 1e6)}@example.com`, listIds: [t.listId] }), full: (t) => [fullContact(t)] },
  'contacts.list': { path: (t) => `/contacts?listId=${t.listId}` },
  'contacts.get': { path: (t) => `/contacts/${t.contactId}` },
  'contacts.update': { path: (t) => `/contacts/${t.contactId}`, body: () => ({ firstName: 'Changed' }), full: (t) => [{ ...fullContact(t), listIds: undefined, consent: undefined }] },
  'contacts.upsert': { path: () => '/contacts/upserted@example.com', body: (t) => ({ firstName: 'Up', listIds: [t.listId] }), full: (t) => [{ ...fullContact(t), email: undefined }] },
  'contacts.delete': { path: (t) => `/contacts/${t.contactId}` },
  'contacts.export': { path: (t) => `/contacts/${t.contactId}/export` },
  'contacts.erase': { path: (t) => `/contacts/${t.contactId}/erase`, body: () => ({}) },
  'contacts.batch': { path: () => '/contacts/batch', body: (t) => ({ contacts: [{ email: 'batch@example.com', listIds: [t.listId] }] }), full: (t) => [{ contacts: [fullContact(t)] }] },
  'properties.create': { path: () => '/properties', body: () => ({ key: `k${Math.floor(performance.now() * 1e6)}`, type: 'string' }), full: () => [{ key: 'full', type: 'string', description: 'All of it', fallback: 'none' }], namesNothing: true },
  'properties.list': { path: () => '/properties', namesNothing: true },
  'properties.get': { path: (t) => `/properties/${t.propertyKey}` },
  'properties.update': { path: (t) => `/properties/${t.propertyKey}`, body: () => ({ description: 'Changed' }), full: () => [{ description: 'All of it', fallback: 'none' }] },
  'lists.create': { path: () => '/lists', body: () => ({ name: 'New' }), full: () => [fullList], namesNothing: true },
  'lists.list': { path: () => '/lists', namesNothing: true },
  'lists.get': { path: (t) => `/lists/${t.listId}` },
  'lists.update': { path: (t) => `/lists/${t.listId}`, body: () => ({ name: 'Changed' }), full: () => [fullList] },
  'lists.delete': { path: (t) => `/lists/${t.listId}` },
  'lists.addContacts': { path: (t) => `/lists/${t.listId}/contacts`, body: (t) => ({ contactIds: [t.contactId] }), full: (t) => [{ contactIds: [t.contactId], consent }] },
  'lists.removeContacts': { path: (t) => `/lists/${t.listId}/contacts`, body: (t) => ({ contactIds: [t.contactId] }), full: (t) => [{ contactIds: [t.contactId] }] },
  'campaigns.create': { path: () => '/campaigns', body: (t) => newCampaign(t.listId), full: (t) => [fullCampaign(t)] },
  'campaigns.list': { path: () => '/campaigns', namesNothing: true },
  'campaigns.get': { path: (t) => `/campaigns/${t.campaignId}` },
  'campaigns.update': { path: (t) => `/campaigns/${t.campaignId}`, body: () => ({ name: 'Changed' }), full: (t) => [fullCampaign(t)] },
  'campaigns.delete': { path: (t) => `/campaigns/${t.campaignId}` },
  'campaigns.send': { path: (t) => `/campaigns/${t.campaignId}/send`, body: () => ({}) },
  'campaigns.stats': { path: (t) => `/campaigns/${t.campaignId}/stats` },
  'campaigns.recipients': { path: (t) => `/campaigns/${t.campaignId}/recipients` },
  'emails.send': { path: () => '/emails', body: () => ({ from: 'a@example.com', to: 'b@example.com', subject: 'Hi', text: 'Hi' }), full: () => [fullEmail, { ...fullEmail, to: ['b@example.com'] }], namesNothing: true },
  'emails.get': { path: (t) => `/emails/${t.emailId}` },
} as const satisfies Record<OperationId, Sample>

/** Makes one of each thing with the key. */
export async function makeThings(server: TestServer, key: string): Promise<Things> {
  const create = async (path: string, body: unknown) => (await server.call('POST', path, { key, body })).body
  await create('/properties', { key: 'plan', type: 'string' }) // the full contacts have it
  const property = await create('/properties', { key: `p_${newId('property').slice(-16)}`, type: 'string' })
  const list = await create('/lists', { name: 'News' })
  const email = `person-${Math.floor(performance.now() * 1e6)}@example.com`
  const contact = await create('/contacts', { email, firstName: 'Ada', listIds: [list.id] })
  const campaign = await create('/campaigns', newCampaign(list.id))
  const sent = await create('/emails', { from: 'a@example.com', to: 'b@example.com', subject: 'Hi', text: 'Hi' })
  return { contactId: contact.id, email, propertyKey: property.key, listId: list.id, campaignId: campaign.id, emailId: sent.id }
}

function newCampaign(listId: string) {
  return { name: 'Hello', subject: 'Hello', html: '<p>Hello</p>', from: 'news@acme.example', listIds: [listId] }
}

function fullContact(t: Things) {
  return { email: 'full@example.com', firstName: 'Ada', lastName: 'Lovelace', properties: { plan: 'pro' }, listIds: [t.listId], consent }
}

const consent = { source: 'form', ip: '192.0.2.7', wording: 'Yes, write to me.' }

const fullList = { name: 'Full', description: 'All of it' }

function fullCampaign(t: Things) {
  return {
    ...newCampaign(t.listId), text: 'Hello', replyTo: 'help@acme.example', segmentIds: [`seg_${'0'.repeat(26)}`], excludeListIds: [t.listId],
  }
}

const fullEmail = {
  from: 'a@example.com', to: 'b@example.com', subject: 'Hi', html: '<p>Hi</p>', text: 'Hi', replyTo: 'c@example.com',
  headers: { 'X-Batch': 'one' }, tags: ['welcome'],
}
