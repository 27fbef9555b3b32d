import type { EnvironmentId } from '@letterlock/contract'
import { type Db, usage } from '@letterlock/db'
import type { RecordedRequest } from './replay.ts'

interface Span {
  readonly environmentId: EnvironmentId
  readonly from: Date
  readonly to: Date
  /** So many are read: what one answer may cost. 250 000 unless given, which take some seconds. */
  readonly most?: number
  readonly atOnce?: number
}

/** Shows the records of a span page by page, oldest first; answers how far it came, and whether that was all. */
export async function replayRecords(
  db: Db, { environmentId, from, to, most = 250_000, atOnce = 5_000 }: Span, show: (page: readonly RecordedRequest[]) => Promise<void>,
): Promise<{ to: Date; isComplete: boolean }> {
  let after: usage.RequestInOrder | null = null
  for (let read = 0; read < most;) {
    const page: usage.RequestInOrder[] = await usage.listRequestsInOrder(db, environmentId, { from, to, after, limit: atOnce })
    await show(page.map(toRecorded))
    if (page.length < atOnce) return { to, isComplete: true }
    read += page.length
    after = page.at(-1) ?? after
  }
  return { to: after?.at ?? to, isComplete: false }
}

function toRecorded({ request_id: requestId, key_id: keyId, at, operation, outcome, ip }: usage.RequestInOrder): RecordedRequest {
  return { requestId, keyId, at, operation, outcome, ip }
}
