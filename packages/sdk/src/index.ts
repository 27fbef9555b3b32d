export type { ApiKeySource, ExpectedMode } from './api-key.ts'
export type { ApiPromise, ResponseInfo, WithResponse } from './api-promise.ts'
export type { Fetch } from './attempt.ts'
export type { CallOptions } from './call-options.ts'
export {
  AbortedError, ApiError, type ApiErrorFields, type ClientErrorCode, ConnectionError, LetterlockError, TimeoutError,
} from './errors.ts'
export type { FreeRequest } from './free-request.ts'
export { Letterlock, type LetterlockOptions, type RequestSettings } from './letterlock.ts'
export type { ListRequest, Page } from './list-request.ts'
export type { Logger, LogLevel } from './log.ts'
export type { AttemptContext, Middleware, OutgoingRequest, Send } from './middleware.ts'
export type {
  Campaign, CampaignStats, CampaignSummary, CampaignsCreateBody, CampaignsListQuery, CampaignsRecipientsQuery,
  CampaignsResource, CampaignsUpdateBody, Contact, ContactSummary, ContactsBatchAnswer, ContactsBatchBody,
  ContactsCreateBody, ContactsListQuery, ContactsResource, ContactsUpdateBody, ContactsUpsertBody, Email,
  EmailsResource, EmailsSendAnswer, EmailsSendBody, ErrorCode, Key, KeyResource, KeyRevokeAnswer,
  KeyRevokeBody, List, ListsAddContactsAnswer, ListsAddContactsBody, ListsCreateBody, ListsListQuery,
  ListsRemoveContactsAnswer, ListsRemoveContactsBody, ListsResource, ListsUpdateBody, RateLimit, Recipient,
  Resources, Usage, UsageGetQuery, UsageResource,
} from './operations.generated.ts'
export type { RateLimitState } from './rate-limits.ts'
