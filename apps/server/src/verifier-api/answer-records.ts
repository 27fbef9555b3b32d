import type { KeyId } from '@letterlock/contract'
import type { KeyFormat } from '@letterlock/keys'
import { foreignTokenLength, identifyToken, type Proof, type ProveToken, type Verifier } from '@letterlock/verifier'
import { type ProofsAnswer, proofToWire, tokensPerRequest } from '@letterlock/verifier/remote'
import { z } from 'zod'
import type { ForeignPrefixes } from '../foreign-prefixes.ts'

/** The body of `POST /verifier/records`. */
export const recordsInput = z.strictObject({ keys: z.array(z.string().max(foreignTokenLength.max)).min(1).max(tokensPerRequest) })

export interface AnswerRecordsDeps {
  readonly keyFormat: Pick<KeyFormat, 'parse' | 'prefix'>
  readonly proveToken: ProveToken
  readonly foreignPrefixes: Pick<ForeignPrefixes, 'list'>
  readonly verifier: Pick<Verifier, 'state'>
  /** Notes that someone else may answer for these secrets from now on, without saying so. */
  readonly noteRemoteProofs: (proofs: readonly { readonly keyId: KeyId; readonly version: number }[]) => Promise<void>
}

/**
 * Proves presented keys against the database and answers their records, in order: to whoever holds the secret, and
 * without any digest. Root keys are as unknown here as keys that never were.
 * @throws when the database is out
 */
export async function answerRecords(deps: AnswerRecordsDeps, { keys }: z.output<typeof recordsInput>): Promise<ProofsAnswer> {
  const proofs = await Promise.all(keys.map((key) => prove(deps, key)))
  const old = proofs.flatMap(({ key }) => (key?.superseded ? [{ keyId: key.record.keyId, version: key.secretVersion }] : []))
  if (old.length > 0) await deps.noteRemoteProofs(old)
  return { proofs: proofs.map(proofToWire) }
}

async function prove({ keyFormat, foreignPrefixes, proveToken, verifier }: AnswerRecordsDeps, key: string): Promise<Proof> {
  const identified = identifyToken(key, keyFormat, foreignPrefixes.list())
  if (!identified || identified.modes.includes('root')) return { revision: verifier.state().revision ?? 0, key: null }
  const proof = await proveToken(identified)
  return proof.key?.record.mode === 'root' ? { ...proof, key: null } : proof
}
