import type { OperationId } from '@letterlock/contract'
import type { contacts } from '@letterlock/db'
import type { Call } from '../../http/handler.ts'

type Requester = Pick<Call<OperationId>, 'requestId' | 'ip' | 'now'>

/** How a request of the API saves contacts; the request id is its reference in the quota's ledger. */
export function contactSaving(
  { requestId, ip, now }: Requester,
  what: Pick<contacts.ContactSaving, 'items' | 'onConflict'>,
): contacts.ContactSaving {
  return { ...what, reference: requestId, source: 'api', ip, now }
}
