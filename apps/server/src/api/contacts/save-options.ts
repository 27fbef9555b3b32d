import type { OperationId } from '@letterlock/contract'
import type { contacts } from '@letterlock/db'
import type { Call } from '../../http/handler.ts'

/** How a request of the API saves contacts; the request id is its reference in the quota's ledger. */
export function saveOptions(call: Pick<Call<OperationId>, 'requestId' | 'ip' | 'now'>, onConflict: contacts.OnConflict): contacts.SaveOptions {
  return { onConflict, reference: call.requestId, source: 'api', ip: call.ip, now: call.now }
}
