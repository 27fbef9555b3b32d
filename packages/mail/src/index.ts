export {
  domainOf, normaliseEmail, parseAddress,
  type AddressProblem, type MailAddress, type NormaliseEmailResult, type ParseAddressResult,
} from './address.ts'
export { composeMessage, type ComposedMessage, type ComposeResult, type MessageInput } from './compose.ts'
export { signMessage, type DkimKey } from './dkim.ts'
export type {
  HandOver, HandOverOptions, HandOverResult, MailTransport, RejectedRecipient, SimulatedEvent,
} from './hand-over.ts'
export { findHeaderProblem, isUnsafeInHeader, type HeaderProblem } from './header.ts'
export { deterministicMessageId, type MessageIdInput } from './message-id.ts'
export { simulatorDomain, simulatorTransport } from './simulator-transport.ts'
export { smtpTransport, type SmtpTransportOptions } from './smtp-transport.ts'
export {
  compileTemplate, renderTemplate,
  type CompiledTemplate, type CompileTemplateResult, type MergeValue, type MergeValues,
  type RenderTemplateResult, type TemplateIssue, type TemplateSource,
} from './template.ts'
export { textOfHtml } from './text-from-html.ts'
export { ensureUnsubscribeLink } from './unsubscribe-link.ts'
export {
  defineUnsubscribeTokens, type UnsubscribeKey, type UnsubscribeSubject, type UnsubscribeTokens,
} from './unsubscribe-token.ts'
