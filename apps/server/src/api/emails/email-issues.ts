import type { BodyOf, Issue } from '@letterlock/contract'
import { findHeaderProblem } from '@letterlock/mail'
import { addressIssues } from '../campaigns/content-issues.ts'

/** Why this e-mail could not be sent, by place. */
export function emailIssues(body: BodyOf<'emails.send'>, to: readonly string[]): Issue[] {
  const header = body.headers && findHeaderProblem(body.headers)
  return [
    ...addressIssues('from', body.from),
    ...to.flatMap((mailbox, index) => addressIssues(typeof body.to === 'string' ? 'to' : `to.${index}`, mailbox)),
    ...addressIssues('replyTo', body.replyTo ?? null),
    ...(header ? [{ path: `headers.${header.name}`, message: header.message }] : []),
  ]
}
