export type { ApiKeySource, ExpectedMode } from './api-key.ts'
export type { ApiPromise, ResponseInfo, WithResponse } from './api-promise.ts'
export type { Fetch } from './attempt.ts'
export type { CallOptions } from './call-options.ts'
export type { AuthPause } from './credentials/auth-breaker.ts'
export type { KeySwitched } from './credentials/key-ring.ts'
export type { KeyExpiring, KeyStatus } from './credentials/key-watch.ts'
export {
  AbortedError, ApiError, type ApiErrorFields, AuthPausedError, type ClientErrorCode, ConnectionError, LetterlockError, TimeoutError,
} from './errors.ts'
export type { FreeRequest } from './free-request.ts'
export { Letterlock, type LetterlockOptions, type LetterlockKey, type RequestSettings } from './letterlock.ts'
export type { ListRequest, Page } from './list-request.ts'
export type { Logger, LogLevel } from './log.ts'
export type { AttemptContext, Middleware, OutgoingRequest, Send } from './middleware.ts'
export type {
  Campaign, CampaignStats, CampaignSummary, CampaignsCreateBody, CampaignsListQuery, CampaignsRecipientsQuery,
  CampaignsResource, CampaignsUpdateBody, Contact, ContactExport, ContactSummary, ContactsBatchAnswer, ContactsBatchBody,
  ContactsCreateBody, ContactsListQuery, ContactsResource, ContactsUpdateBody, ContactsUpsertBody, Email,
  EmailsResource, EmailsSendAnswer, EmailsSendBody, Erasure, ErrorCode, Key, KeyResource, KeyRevokeAnswer,
  KeyRevokeBody, List, ListsAddContactsAnswer, ListsAddContactsBody, ListsCreateBody, ListsListQuery,
  ListsRemoveContactsAnswer, ListsRemoveContactsBody, ListsResource, ListsUpdateBody, RateLimit, Recipient,
  PropertiesCreateBody, PropertiesListQuery, PropertiesResource, PropertiesUpdateBody, Property,
  Resources, Usage, UsageGetQuery, UsageResource,
} from './operations.generated.ts'
export type { RateLimitState } from './rate-limits.ts'
export type { Scope, ScopeCheck, ScopedLetterlock, ScopedResources } from './scopes.ts'
