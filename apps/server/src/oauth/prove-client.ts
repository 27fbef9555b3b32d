import { accessTokenFormat, refusalOf, type KeyRecord, type Outcome, type Verify } from '@letterlock/verifier'
import type { KeyFormat } from '@letterlock/keys'
import type { EnvironmentId, KeyId } from '@letterlock/contract'
import type { ClientKey } from './client-key.ts'
import type { OAuthRefusal } from './oauth-answer.ts'

/** A key that was proven and may be used now. */
export interface Client {
  readonly keyId: KeyId
  readonly environmentId: EnvironmentId
  readonly record: KeyRecord
  readonly secretVersion: number
}

/** What became of a presented key: the outcome for the record of usage, and the client or why there is none. */
export interface ProvenClient {
  readonly outcome: Outcome
  readonly client: Client | OAuthRefusal
}

export interface ProveClientDeps {
  readonly verify: Verify
  readonly keyFormat: Pick<KeyFormat, 'prefix'>
  readonly clock: () => Date
}

/** Proves a key as a client, against its rate limits like every request. An access token is no client: it cannot make others. */
export async function proveClient(deps: ProveClientDeps, { key, clientId }: ClientKey, ip: string): Promise<ProvenClient> {
  const outcome = await deps.verify({ key, modes: ['live', 'test'], scope: null, ip })
  return { outcome, client: clientOf(deps, outcome, { key, clientId }) }
}

function clientOf({ keyFormat, clock }: ProveClientDeps, outcome: Outcome, { key, clientId }: ClientKey): Client | OAuthRefusal {
  const refusal = refusalOf(outcome, clock())
  if (refusal) return refused(refusal)
  if (outcome.code !== 'ok') throw new Error(`${outcome.code} was not refused`)
  const { record, secretVersion } = outcome
  if (clientId !== null && clientId !== record.keyId) return invalidClient('The client id is not the id of this key.')
  if (accessTokenFormat(keyFormat.prefix)?.parse(key).ok) return invalidClient('This is an access token. Only a key can act as a client.')
  return { keyId: record.keyId, environmentId: record.environmentId as EnvironmentId, record, secretVersion } // null for root keys alone
}

function refused({ status, detail, retryAfterSeconds }: NonNullable<ReturnType<typeof refusalOf>>): OAuthRefusal {
  if (status === 401) return invalidClient(detail)
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  if (status === 429 || status === 503) return { error: 'temporarily_unavailable', description: detail, status, ...wait }
  return { error: 'unauthorized_client', description: detail }
}

export function invalidClient(description: string): OAuthRefusal {
  return { error: 'invalid_client', description, status: 401 }
}
