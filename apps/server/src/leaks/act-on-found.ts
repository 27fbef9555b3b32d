import type { WorkspaceId } from '@letterlock/contract'
import { accessTokens, type leaks } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import { identifyToken, type IdentifiedToken, type ProveToken } from '@letterlock/verifier'
import type { ForeignPrefixes } from '../foreign-prefixes.ts'
import { changeByHolder } from '../management/change-control-plane.ts'
import { actOnLeak, type ActDeps } from './act-on-leak.ts'

export interface LeakDeps extends ActDeps {
  readonly keyFormat: Pick<KeyFormat, 'parse' | 'prefix'>
  readonly proveToken: ProveToken
  readonly foreignPrefixes: Pick<ForeignPrefixes, 'list'>
}

/** Where a text was found. */
export type Place = Pick<leaks.FoundSecret, 'source' | 'kind' | 'url' | 'reporterIp'>

/**
 * Acts on a found text when it is a secret of ours; true then, whatever became of its key. A text without a right
 * checksum costs no read, and of one that was never issued nothing is kept.
 */
export async function actOnFound(deps: LeakDeps, text: string, place: Place): Promise<boolean> {
  const identified = identifyToken(text, deps.keyFormat, deps.foreignPrefixes.list())
  if (!identified) return false
  const { key } = await deps.proveToken(identified)
  if (!key) return false
  const { record: { keyId, workspaceId }, secretVersion } = key
  if (identified.accessTokenId !== undefined) await endAccessToken(deps, { id: identified.accessTokenId, keyId, workspaceId }, place)
  else await actOnLeak(deps, { keyId, secretVersion, ...place })
  return true
}

type Ended = { readonly id: NonNullable<IdentifiedToken['accessTokenId']>; readonly keyId: leaks.FoundSecret['keyId']; readonly workspaceId: WorkspaceId | null }

/** An access token says nothing of the secret of its key: it alone ends. */
async function endAccessToken(deps: LeakDeps, { id, keyId, workspaceId }: Ended, { source, url, reporterIp }: Place): Promise<void> {
  if (workspaceId === null) return // root keys have no tokens
  const caller = { actor: 'system', ip: reporterIp, requestId: null }
  await changeByHolder(deps, caller, async (tx, now) => {
    if (!(await accessTokens.revokeAccessToken(tx, keyId, { id, now }))) return { result: null, changes: null }
    const after = { keyId, status: 'revoked', leak: { source, url } }
    return {
      result: null,
      changes: [{ kind: 'key', id }],
      audit: { chain: workspaceId, action: 'oauth.revoke', target: id, before: { keyId, status: 'active' }, after },
    }
  })
}
