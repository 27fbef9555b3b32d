export type { ApiKeySource } from './api-key.ts'
export type { Fetch } from './attempt.ts'
export type { CallOptions } from './call-options.ts'
export {
  AbortedError, ApiError, type ApiErrorFields, type ClientErrorCode, ConnectionError, LetterlockError, TimeoutError,
} from './errors.ts'
export { Letterlock, type LetterlockOptions } from './letterlock.ts'
export type { ListRequest, Page } from './list-request.ts'
export type {
  Campaign, CampaignStats, CampaignSummary, CampaignsCreateBody, CampaignsListQuery, CampaignsRecipientsQuery,
  CampaignsResource, CampaignsUpdateBody, Contact, ContactSummary, ContactsBatchAnswer, ContactsBatchBody,
  ContactsCreateBody, ContactsListQuery, ContactsResource, ContactsUpdateBody, ContactsUpsertBody, Email,
  EmailsResource, EmailsSendAnswer, EmailsSendBody, ErrorCode, Key, KeyResource, KeyRevokeAnswer,
  KeyRevokeBody, List, ListsAddContactsAnswer, ListsAddContactsBody, ListsCreateBody, ListsListQuery,
  ListsRemoveContactsAnswer, ListsRemoveContactsBody, ListsResource, ListsUpdateBody, RateLimit, Recipient,
  Resources, Usage, UsageGetQuery, UsageResource,
} from './operations.generated.ts'
