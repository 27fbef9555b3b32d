export { emailAddress, line, mailbox, moment, text, timestamp } from './bounded-text.ts'
export { parseDuration, parseRateLimit, type RateLimit } from './duration.ts'
export { type ErrorCode, errorCodeNames, errorCodes } from './error-codes.ts'
export { events, type EventType, eventTypes } from './event-table.ts'
export {
  type AccessTokenId, type AlertId, type AuditEventId, type CampaignId, type ContactId, type EmailId, type EnvironmentId, type Id, type IdKind,
  type KeyId, type LeakId, type ListId, type NodeId, type PlanId, type PropertyId, type RequestId, type RoleId, type SecretShareId, type SegmentId, type StatementId, type WorkspaceId, idPrefixes, idSchema, isId, newId,
} from './ids.ts'
export { bodyErrors, commonErrors, type Method, type Operation } from './operation.ts'
export {
  type AnswerOf, type BodyInputOf, type BodyOf, type OperationId, operationIds, operations, type ParamsOf,
  type QueryInputOf, type QueryOf,
} from './operation-table.ts'
export { operationsOfPath } from './operations-of-path.ts'
export { type Issue, problem, type Problem } from './problem.ts'
export {
  isProductScope, isRootScope, nearestName, type ProductScope, productScopeNames, productScopes, type RootScope,
  rootScopeNames, rootScopes,
} from './scopes.ts'
