import type { meters } from '@letterlock/db'
import { failure, type Failure } from '../../http/failure.ts'

/** The 429 of a plan that allows no more e-mails in this period. */
export function quotaExceeded({ limit, resetsAt }: meters.QuotaExceeded): Failure {
  return failure('quota_exceeded', 'The plan of this environment allows no more e-mails in this period.', {
    members: { meter: 'emails.sent', limit, ...(resetsAt && { resetsAt: resetsAt.toISOString() }) },
  })
}
