// Made by scripts/generate.ts from the operation table. Change the table, not this file.

import type { ApiPromise } from './api-promise.ts'
import type { CallOptions } from './call-options.ts'
import type { ListRequest } from './list-request.ts'

/** The `code` of a failure; a newer server may know more. */
export type ErrorCode =
  | 'missing_key'
  | 'invalid_key'
  | 'expired_key'
  | 'revoked_key'
  | 'disabled_key'
  | 'retired_secret'
  | 'key_in_url'
  | 'insufficient_scope'
  | 'ip_not_allowed'
  | 'workspace_suspended'
  | 'key_quarantined'
  | 'rate_limited'
  | 'quota_exceeded'
  | 'not_fresh'
  | 'unavailable'
  | 'invalid_request'
  | 'not_found'
  | 'method_not_allowed'
  | 'invalid_state'
  | 'already_exists'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'idempotency_mismatch'
  | 'headers_too_large'
  | 'internal'
  | (string & {})

/** `Key` as the server answers it. */
export interface Key {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  name: string
  mode: 'live' | 'test' | (string & {})
  scopes: string[]
  /** Such as `ws_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  workspaceId: string
  /** Such as `env_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  environmentId: string
  expiresAt: string | null
  limits: RateLimit[]
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  createdAt: string
}

/** `RateLimit` as the server answers it. */
export interface RateLimit {
  name: string
  /** Such as `100/10s`. */
  limit: string
  burst?: number
}

/** What `key.revoke` takes. */
export interface KeyRevokeBody {
  /** At most 200 characters. */
  reason?: string | undefined
}

/** What `key.revoke` answers. */
export interface KeyRevokeAnswer {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  revokedAt: string
  revision: number
}

/** What `usage.get` takes. */
export interface UsageGetQuery {
  /** RFC 3339. At most 40 characters. */
  from?: string | undefined
  /** RFC 3339. At most 40 characters. */
  to?: string | undefined
}

/** `Usage` as the server answers it. */
export interface Usage {
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  from: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  to: string
  data: {
    /** Such as `emails.sent`. */
    meter: string
    used: number
    limit?: number
    /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
    resetsAt?: string
  }[]
  series: {
    day: string
    meter: string
    used: number
  }[]
}

/** What `contacts.create` takes. */
export interface ContactsCreateBody {
  /** Such as `ada@example.com`. At most 254 characters. */
  email: string
  /** At most 200 characters. */
  firstName?: string | undefined
  /** At most 200 characters. */
  lastName?: string | undefined
  properties?: { readonly [name: string]: string | number | boolean } | undefined
  /** At most 100. */
  listIds?: readonly string[] | undefined
  consent?: {
    /** At most 200 characters. */
    source?: string | undefined
    ip?: string | undefined
    /** At most 2000 characters. */
    wording?: string | undefined
  } | undefined
}

/** `Contact` as the server answers it. */
export interface Contact {
  /** Such as `con_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  email: string
  firstName?: string
  lastName?: string
  properties: { [name: string]: string | number | boolean }
  lists: {
    /** Such as `lst_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    id: string
    status: 'subscribed' | 'unconfirmed' | 'unsubscribed' | (string & {})
  }[]
  suppressed: boolean
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  createdAt: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  updatedAt: string
}

/** What `contacts.list` takes. */
export interface ContactsListQuery {
  /** 1 to 100. */
  limit?: number | undefined
  /** At most 500 characters. */
  cursor?: string | undefined
  /** Such as `ada@example.com`. At most 254 characters. */
  email?: string | undefined
  /** Such as `lst_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  listId?: string | undefined
  status?: 'subscribed' | 'unconfirmed' | 'unsubscribed' | undefined
  /** RFC 3339. At most 40 characters. */
  updatedSince?: string | undefined
  /** Such as `plan:pro`. At most 1065 characters. */
  property?: string | undefined
}

/** What `contacts.update` takes. */
export interface ContactsUpdateBody {
  /** Such as `ada@example.com`. At most 254 characters. */
  email?: string | undefined
  firstName?: string | null | undefined
  lastName?: string | null | undefined
  properties?: { readonly [name: string]: string | number | boolean | null } | undefined
}

/** What `contacts.upsert` takes. */
export interface ContactsUpsertBody {
  firstName?: string | null | undefined
  lastName?: string | null | undefined
  properties?: { readonly [name: string]: string | number | boolean | null } | undefined
  /** At most 100. */
  listIds?: readonly string[] | undefined
  consent?: {
    /** At most 200 characters. */
    source?: string | undefined
    ip?: string | undefined
    /** At most 2000 characters. */
    wording?: string | undefined
  } | undefined
}

/** `ContactExport` as the server answers it. */
export interface ContactExport {
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  exportedAt: string
  contact: Contact
  suppression?: {
    origin: string
    /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
    createdAt: string
  }
  optOuts: {
    /** Such as `lst_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    listId: string
    /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
    createdAt: string
  }[]
  consent: {
    /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
    at: string
    /** Such as `lst_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    listId: string
    status: 'subscribed' | 'unconfirmed' | 'unsubscribed' | 'removed' | (string & {})
    source: string
    ip?: string
    wording?: string
  }[]
  campaignMessages: {
    /** Such as `cmp_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    campaignId: string
    /** As in the campaign, before values were merged in. */
    subject: string
    email: string
    state: 'queued' | 'sending' | 'sent' | 'failed' | 'suppressed' | 'unknown' | (string & {})
    reason?: string
    /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
    sentAt?: string
    /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
    deliveredAt?: string
    /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
    bouncedAt?: string
    /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
    complainedAt?: string
    /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
    unsubscribedAt?: string
  }[]
  emails: {
    /** Such as `eml_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    id: string
    subject: string
    html?: string
    text?: string
    status: 'queued' | 'sending' | 'sent' | 'failed' | 'suppressed' | 'unknown' | (string & {})
    /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
    createdAt: string
    /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
    sentAt?: string
  }[]
  /** False when a list was cut: each has the newest 10,000. */
  isComplete: boolean
}

/** `Erasure` as the server answers it. */
export interface Erasure {
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  erasedAt: string
  /** Whether there was a contact. */
  contact: boolean
  campaignMessages: number
  emails: number
}

/** What `contacts.batch` takes. */
export interface ContactsBatchBody {
  /** At most 1000. */
  contacts: readonly ContactsCreateBody[]
  /** Default `update`. */
  onConflict?: 'update' | 'skip' | 'fail' | undefined
}

/** `ContactSummary` as the server answers it. */
export interface ContactSummary {
  /** Such as `con_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  email: string
  firstName?: string
  lastName?: string
  suppressed: boolean
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  createdAt: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  updatedAt: string
}

/** What `contacts.batch` answers. */
export interface ContactsBatchAnswer {
  data: {
    status: number
    contact?: ContactSummary
    error?: {
      type: string
      title: string
      status: number
      detail: string
      code: ErrorCode
      issues?: {
        path: string
        message: string
      }[]
    }
  }[]
}

/** What `properties.create` takes. */
export interface PropertiesCreateBody {
  key: string
  type: 'string' | 'number' | 'boolean' | 'date'
  /** At most 2000 characters. */
  description?: string | undefined
  fallback?: string | number | boolean | undefined
}

/** `Property` as the server answers it. */
export interface Property {
  /** Such as `prp_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  key: string
  /** For good. A date is a text: `2026-11-22`, or a time of RFC 3339. */
  type: 'string' | 'number' | 'boolean' | 'date' | (string & {})
  description?: string
  /** What templates show for a contact without the property. */
  fallback?: string | number | boolean
  /** Whether contacts are given no more values of it; those they have stay. */
  archived: boolean
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  createdAt: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  updatedAt: string
}

/** What `properties.list` takes. */
export interface PropertiesListQuery {
  /** 1 to 100. */
  limit?: number | undefined
  /** At most 500 characters. */
  cursor?: string | undefined
}

/** What `properties.update` takes. */
export interface PropertiesUpdateBody {
  description?: string | null | undefined
  fallback?: string | number | boolean | null | undefined
  archived?: boolean | undefined
}

/** What `lists.create` takes. */
export interface ListsCreateBody {
  /** At most 200 characters. */
  name: string
  /** At most 2000 characters. */
  description?: string | undefined
  doubleOptIn?: boolean | undefined
  visibility?: 'private' | 'public' | undefined
}

/** `List` as the server answers it. */
export interface List {
  /** Such as `lst_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  name: string
  description?: string
  doubleOptIn: boolean
  visibility: 'private' | 'public' | (string & {})
  /** Subscribed contacts. */
  contactCount: number
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  createdAt: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  updatedAt: string
}

/** What `lists.list` takes. */
export type ListsListQuery = PropertiesListQuery

/** What `lists.update` takes. */
export interface ListsUpdateBody {
  /** At most 200 characters. */
  name?: string | undefined
  description?: string | null | undefined
  doubleOptIn?: boolean | undefined
  visibility?: 'private' | 'public' | undefined
}

/** What `lists.addContacts` takes. */
export interface ListsAddContactsBody {
  /** At most 1000. */
  contactIds: readonly string[]
  consent?: {
    /** At most 200 characters. */
    source?: string | undefined
    ip?: string | undefined
    /** At most 2000 characters. */
    wording?: string | undefined
  } | undefined
}

/** What `lists.addContacts` answers. */
export interface ListsAddContactsAnswer {
  added: number
  alreadyThere: number
  refused: {
    /** Such as `con_01k8zv3hq5e7tbd6j2m9w4xypn`. */
    contactId: string
    code: ErrorCode | 'unsubscribed'
  }[]
}

/** What `lists.removeContacts` takes. */
export interface ListsRemoveContactsBody {
  /** At most 1000. */
  contactIds: readonly string[]
}

/** What `lists.removeContacts` answers. */
export interface ListsRemoveContactsAnswer {
  removed: number
}

/** What `campaigns.create` takes. */
export interface CampaignsCreateBody {
  /** At most 200 characters. */
  name: string
  /** At most 998 characters. */
  subject: string
  /** At most 524288 characters. */
  html: string
  /** At most 524288 characters. */
  text?: string | undefined
  /** Such as `Acme <hello@acme.example>`. At most 320 characters. */
  from: string
  /** Such as `Acme <hello@acme.example>`. At most 320 characters. */
  replyTo?: string | undefined
  /** At most 100. */
  listIds?: readonly string[] | undefined
  /** At most 100. */
  segmentIds?: readonly string[] | undefined
  /** At most 100. */
  excludeListIds?: readonly string[] | undefined
}

/** `Campaign` as the server answers it. */
export interface Campaign {
  /** Such as `cmp_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  name: string
  subject: string
  html: string
  text?: string
  from: string
  replyTo?: string
  listIds: string[]
  segmentIds: string[]
  excludeListIds: string[]
  status: 'draft' | 'scheduled' | 'sending' | 'paused' | 'sent' | 'cancelled' | 'failed' | (string & {})
  pauseReason?: 'user' | 'error_rate' | 'bounce_rate' | 'complaint_rate' | 'quota' | 'throttled' | 'domain_unverified' | (string & {})
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  scheduledAt?: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  startedAt?: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  finishedAt?: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  createdAt: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  updatedAt: string
}

/** What `campaigns.list` takes. */
export interface CampaignsListQuery {
  /** 1 to 100. */
  limit?: number | undefined
  /** At most 500 characters. */
  cursor?: string | undefined
  status?: 'draft' | 'scheduled' | 'sending' | 'paused' | 'sent' | 'cancelled' | 'failed' | undefined
}

/** `CampaignSummary` as the server answers it. */
export interface CampaignSummary {
  /** Such as `cmp_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  name: string
  subject: string
  from: string
  replyTo?: string
  listIds: string[]
  segmentIds: string[]
  excludeListIds: string[]
  status: 'draft' | 'scheduled' | 'sending' | 'paused' | 'sent' | 'cancelled' | 'failed' | (string & {})
  pauseReason?: 'user' | 'error_rate' | 'bounce_rate' | 'complaint_rate' | 'quota' | 'throttled' | 'domain_unverified' | (string & {})
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  scheduledAt?: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  startedAt?: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  finishedAt?: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  createdAt: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  updatedAt: string
}

/** What `campaigns.update` takes. */
export interface CampaignsUpdateBody {
  /** At most 200 characters. */
  name?: string | undefined
  /** At most 998 characters. */
  subject?: string | undefined
  /** At most 524288 characters. */
  html?: string | undefined
  text?: string | null | undefined
  /** Such as `Acme <hello@acme.example>`. At most 320 characters. */
  from?: string | undefined
  replyTo?: string | null | undefined
  /** At most 100. */
  listIds?: readonly string[] | undefined
  /** At most 100. */
  segmentIds?: readonly string[] | undefined
  /** At most 100. */
  excludeListIds?: readonly string[] | undefined
}

/** queued + sending + sent + failed + suppressed + unknown = audience. The others are events of sent messages. */
export interface CampaignStats {
  audience: number
  queued: number
  sending: number
  sent: number
  delivered: number
  failed: number
  suppressed: number
  unknown: number
  bounced: number
  complained: number
  unsubscribed: number
  opened: number
  clicked: number
}

/** What `campaigns.recipients` takes. */
export interface CampaignsRecipientsQuery {
  /** 1 to 100. */
  limit?: number | undefined
  /** At most 500 characters. */
  cursor?: string | undefined
  state?: 'queued' | 'sending' | 'sent' | 'failed' | 'suppressed' | 'unknown' | undefined
}

/** `Recipient` as the server answers it. */
export interface Recipient {
  /** Such as `con_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  contactId: string
  email: string
  state: 'queued' | 'sending' | 'sent' | 'failed' | 'suppressed' | 'unknown' | (string & {})
  reason?: string
  attempts: number
  messageId?: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  sentAt?: string
}

/** What `emails.send` takes. */
export interface EmailsSendBody {
  /** Such as `Acme <hello@acme.example>`. At most 320 characters. */
  from: string
  to: string | readonly string[]
  /** At most 998 characters. */
  subject: string
  /** At most 524288 characters. */
  html?: string | undefined
  /** At most 524288 characters. */
  text?: string | undefined
  /** Such as `Acme <hello@acme.example>`. At most 320 characters. */
  replyTo?: string | undefined
  headers?: { readonly [name: string]: string } | undefined
  /** At most 10. */
  tags?: readonly string[] | undefined
}

/** What `emails.send` answers. */
export interface EmailsSendAnswer {
  /** Such as `eml_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  status: 'queued' | 'sending' | 'sent' | 'failed' | 'suppressed' | 'unknown' | (string & {})
}

/** `Email` as the server answers it. */
export interface Email {
  /** Such as `eml_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  from: string
  to: string[]
  subject: string
  replyTo?: string
  tags: string[]
  status: 'queued' | 'sending' | 'sent' | 'failed' | 'suppressed' | 'unknown' | (string & {})
  reason?: string
  attempts: number
  messageId?: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  createdAt: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  sentAt?: string
}

/** Methods of `letterlock.key`. */
export interface KeyResource {
  /** The key that makes this request. Any key may call this. */
  get(options?: CallOptions): ApiPromise<Key>
  /** Revoke the key that makes this request, for ever. Any key may call this. */
  revoke(body?: KeyRevokeBody, options?: CallOptions): ApiPromise<KeyRevokeAnswer>
}

/** Methods of `letterlock.usage`. */
export interface UsageResource {
  /** What this environment used, per meter and day; the running month unless asked otherwise. Needs the scope `usage:read`. */
  get(query?: UsageGetQuery, options?: CallOptions): ApiPromise<Usage>
}

/** Methods of `letterlock.contacts`. */
export interface ContactsResource {
  /** Create a contact. Needs the scope `contacts:write`. */
  create(body: ContactsCreateBody, options?: CallOptions): ApiPromise<Contact>
  /** List contacts, newest first. `status` is that on `listId`, or on any list; `property` as in `plan:pro`. Needs the scope `contacts:read`. */
  list(query?: ContactsListQuery, options?: CallOptions): ListRequest<Contact>
  /** Get a contact by id or e-mail address. Needs the scope `contacts:read`. */
  get(idOrEmail: string, options?: CallOptions): ApiPromise<Contact>
  /** Change a contact. Absent fields stay; null removes. Needs the scope `contacts:write`. */
  update(idOrEmail: string, body: ContactsUpdateBody, options?: CallOptions): ApiPromise<Contact>
  /** Create the contact with this address, or change it. Needs the scope `contacts:write`. */
  upsert(email: string, body: ContactsUpsertBody, options?: CallOptions): ApiPromise<Contact>
  /** Delete a contact. Needs the scope `contacts:write`. */
  delete(idOrEmail: string, options?: CallOptions): ApiPromise<void>
  /** Everything that is stored about one person, to hand to him: fields, consent, messages. Needs the scope `contacts:read`. */
  export(idOrEmail: string, options?: CallOptions): ApiPromise<ContactExport>
  /** Erase one person for good. A hash of his address stays, so that he is never mailed again. Needs the scope `contacts:write`. */
  erase(idOrEmail: string, options?: CallOptions): ApiPromise<Erasure>
  /** Create or change up to 1000 contacts; one answer per item, in order, without properties and lists. Needs the scope `contacts:write`. */
  batch(body: ContactsBatchBody, options?: CallOptions): ApiPromise<ContactsBatchAnswer>
}

/** Methods of `letterlock.properties`. */
export interface PropertiesResource {
  /** Declare a property of contacts. With the first, contacts take declared ones alone. Needs the scope `properties:write`. */
  create(body: PropertiesCreateBody, options?: CallOptions): ApiPromise<Property>
  /** List the declared properties, newest first. Needs the scope `properties:read`. */
  list(query?: PropertiesListQuery, options?: CallOptions): ListRequest<Property>
  /** Get a declared property. Needs the scope `properties:read`. */
  get(key: string, options?: CallOptions): ApiPromise<Property>
  /** Change or archive a property; its type stays. Absent fields stay; null removes. Needs the scope `properties:write`. */
  update(key: string, body: PropertiesUpdateBody, options?: CallOptions): ApiPromise<Property>
}

/** Methods of `letterlock.lists`. */
export interface ListsResource {
  /** Create a list. Needs the scope `lists:write`. */
  create(body: ListsCreateBody, options?: CallOptions): ApiPromise<List>
  /** List the lists, newest first. Needs the scope `lists:read`. */
  list(query?: ListsListQuery, options?: CallOptions): ListRequest<List>
  /** Get a list. Needs the scope `lists:read`. */
  get(id: string, options?: CallOptions): ApiPromise<List>
  /** Change a list. Absent fields stay; null removes. Needs the scope `lists:write`. */
  update(id: string, body: ListsUpdateBody, options?: CallOptions): ApiPromise<List>
  /** Delete a list; its contacts stay. Refused while a campaign is being sent to it. Needs the scope `lists:write`. */
  delete(id: string, options?: CallOptions): ApiPromise<void>
  /** Add up to 1000 contacts. Who unsubscribed is refused: he alone can come back. Needs the scope `lists:write`. */
  addContacts(id: string, body: ListsAddContactsBody, options?: CallOptions): ApiPromise<ListsAddContactsAnswer>
  /** Take up to 1000 contacts off the list. An opt-out stays known. Needs the scope `lists:write`. */
  removeContacts(id: string, body: ListsRemoveContactsBody, options?: CallOptions): ApiPromise<ListsRemoveContactsAnswer>
}

/** Methods of `letterlock.campaigns`. */
export interface CampaignsResource {
  /** Create a draft of a campaign. Needs the scope `campaigns:write`. */
  create(body: CampaignsCreateBody, options?: CallOptions): ApiPromise<Campaign>
  /** List campaigns, newest first, without `html` and `text`. Needs the scope `campaigns:read`. */
  list(query?: CampaignsListQuery, options?: CallOptions): ListRequest<CampaignSummary>
  /** Get a campaign. Needs the scope `campaigns:read`. */
  get(id: string, options?: CallOptions): ApiPromise<Campaign>
  /** Change a draft. Absent fields stay; null removes. Needs the scope `campaigns:write`. */
  update(id: string, body: CampaignsUpdateBody, options?: CallOptions): ApiPromise<Campaign>
  /** Delete a draft. Needs the scope `campaigns:write`. */
  delete(id: string, options?: CallOptions): ApiPromise<void>
  /** Send the campaign now: the audience is frozen, then mailed. A paused campaign goes on. Needs the scope `campaigns:send`. */
  send(id: string, options?: CallOptions): ApiPromise<Campaign>
  /** Count recipients by state, and what they did. Needs the scope `campaigns:read`. */
  stats(id: string, options?: CallOptions): ApiPromise<CampaignStats>
  /** List the frozen audience, each with his state. Needs the scope `campaigns:read`. */
  recipients(id: string, query?: CampaignsRecipientsQuery, options?: CallOptions): ListRequest<Recipient>
}

/** Methods of `letterlock.emails`. */
export interface EmailsResource {
  /** Send one e-mail to up to 50 recipients. Needs the scope `emails:send`. */
  send(body: EmailsSendBody, options?: CallOptions): ApiPromise<EmailsSendAnswer>
  /** Get an e-mail and what became of it. Needs the scope `emails:read`. */
  get(id: string, options?: CallOptions): ApiPromise<Email>
}

/** Every resource of the client. */
export interface Resources {
  readonly key: KeyResource
  readonly usage: UsageResource
  readonly contacts: ContactsResource
  readonly properties: PropertiesResource
  readonly lists: ListsResource
  readonly campaigns: CampaignsResource
  readonly emails: EmailsResource
}

/** How each operation goes over the wire. */
export const operations = {
  'key.get': { method: 'GET', path: '/key', args: [], sendsBody: false, paged: false, scope: null },
  'key.revoke': { method: 'POST', path: '/key/revoke', args: ['body'], sendsBody: true, paged: false, scope: null },
  'usage.get': { method: 'GET', path: '/usage', args: ['query'], sendsBody: false, paged: false, scope: 'usage:read' },
  'contacts.create': { method: 'POST', path: '/contacts', args: ['body'], sendsBody: true, paged: false, scope: 'contacts:write' },
  'contacts.list': { method: 'GET', path: '/contacts', args: ['query'], sendsBody: false, paged: true, scope: 'contacts:read' },
  'contacts.get': { method: 'GET', path: '/contacts/{idOrEmail}', args: ['idOrEmail'], sendsBody: false, paged: false, scope: 'contacts:read' },
  'contacts.update': { method: 'PATCH', path: '/contacts/{idOrEmail}', args: ['idOrEmail', 'body'], sendsBody: true, paged: false, scope: 'contacts:write' },
  'contacts.upsert': { method: 'PUT', path: '/contacts/{email}', args: ['email', 'body'], sendsBody: true, paged: false, scope: 'contacts:write' },
  'contacts.delete': { method: 'DELETE', path: '/contacts/{idOrEmail}', args: ['idOrEmail'], sendsBody: false, paged: false, scope: 'contacts:write' },
  'contacts.export': { method: 'GET', path: '/contacts/{idOrEmail}/export', args: ['idOrEmail'], sendsBody: false, paged: false, scope: 'contacts:read' },
  'contacts.erase': { method: 'POST', path: '/contacts/{idOrEmail}/erase', args: ['idOrEmail'], sendsBody: true, paged: false, scope: 'contacts:write' },
  'contacts.batch': { method: 'POST', path: '/contacts/batch', args: ['body'], sendsBody: true, paged: false, scope: 'contacts:write' },
  'properties.create': { method: 'POST', path: '/properties', args: ['body'], sendsBody: true, paged: false, scope: 'properties:write' },
  'properties.list': { method: 'GET', path: '/properties', args: ['query'], sendsBody: false, paged: true, scope: 'properties:read' },
  'properties.get': { method: 'GET', path: '/properties/{key}', args: ['key'], sendsBody: false, paged: false, scope: 'properties:read' },
  'properties.update': { method: 'PATCH', path: '/properties/{key}', args: ['key', 'body'], sendsBody: true, paged: false, scope: 'properties:write' },
  'lists.create': { method: 'POST', path: '/lists', args: ['body'], sendsBody: true, paged: false, scope: 'lists:write' },
  'lists.list': { method: 'GET', path: '/lists', args: ['query'], sendsBody: false, paged: true, scope: 'lists:read' },
  'lists.get': { method: 'GET', path: '/lists/{id}', args: ['id'], sendsBody: false, paged: false, scope: 'lists:read' },
  'lists.update': { method: 'PATCH', path: '/lists/{id}', args: ['id', 'body'], sendsBody: true, paged: false, scope: 'lists:write' },
  'lists.delete': { method: 'DELETE', path: '/lists/{id}', args: ['id'], sendsBody: false, paged: false, scope: 'lists:write' },
  'lists.addContacts': { method: 'POST', path: '/lists/{id}/contacts', args: ['id', 'body'], sendsBody: true, paged: false, scope: 'lists:write' },
  'lists.removeContacts': { method: 'DELETE', path: '/lists/{id}/contacts', args: ['id', 'body'], sendsBody: true, paged: false, scope: 'lists:write' },
  'campaigns.create': { method: 'POST', path: '/campaigns', args: ['body'], sendsBody: true, paged: false, scope: 'campaigns:write' },
  'campaigns.list': { method: 'GET', path: '/campaigns', args: ['query'], sendsBody: false, paged: true, scope: 'campaigns:read' },
  'campaigns.get': { method: 'GET', path: '/campaigns/{id}', args: ['id'], sendsBody: false, paged: false, scope: 'campaigns:read' },
  'campaigns.update': { method: 'PATCH', path: '/campaigns/{id}', args: ['id', 'body'], sendsBody: true, paged: false, scope: 'campaigns:write' },
  'campaigns.delete': { method: 'DELETE', path: '/campaigns/{id}', args: ['id'], sendsBody: false, paged: false, scope: 'campaigns:write' },
  'campaigns.send': { method: 'POST', path: '/campaigns/{id}/send', args: ['id'], sendsBody: true, paged: false, scope: 'campaigns:send' },
  'campaigns.stats': { method: 'GET', path: '/campaigns/{id}/stats', args: ['id'], sendsBody: false, paged: false, scope: 'campaigns:read' },
  'campaigns.recipients': { method: 'GET', path: '/campaigns/{id}/recipients', args: ['id', 'query'], sendsBody: false, paged: true, scope: 'campaigns:read' },
  'emails.send': { method: 'POST', path: '/emails', args: ['body'], sendsBody: true, paged: false, scope: 'emails:send' },
  'emails.get': { method: 'GET', path: '/emails/{id}', args: ['id'], sendsBody: false, paged: false, scope: 'emails:read' },
} as const

/** The name of an operation, as in the OpenAPI document. */
export type OperationId = keyof typeof operations
