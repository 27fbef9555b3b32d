import type { KeyId } from '@letterlock/contract'
import type { KeyFormat } from '@letterlock/keys'
import type { Proof, ProveToken, Verifier } from '@letterlock/verifier'
import { type ProofsAnswer, proofToWire, tokensPerRequest } from '@letterlock/verifier/remote'
import { z } from 'zod'

/** The body of `POST /verifier/records`. */
export const recordsInput = z.strictObject({ keys: z.array(z.string().max(500)).min(1).max(tokensPerRequest) })

export interface AnswerRecordsDeps {
  readonly keyFormat: Pick<KeyFormat, 'parse'>
  readonly proveToken: ProveToken
  readonly verifier: Pick<Verifier, 'state'>
}

/**
 * Proves presented keys against the database and answers their records, in order: to whoever holds the secret, and
 * without any digest. Root keys are as unknown here as keys that never were.
 * @throws when the database is out
 */
export async function answerRecords(deps: AnswerRecordsDeps, { keys }: z.output<typeof recordsInput>): Promise<ProofsAnswer> {
  const proofs = await Promise.all(keys.map((key) => prove(deps, key)))
  return { proofs: proofs.map(proofToWire) }
}

async function prove({ keyFormat, proveToken, verifier }: AnswerRecordsDeps, key: string): Promise<Proof> {
  const parsed = keyFormat.parse(key)
  if (!parsed.ok || parsed.mode === 'root') return { revision: verifier.state().revision ?? 0, key: null }
  const keyId = parsed.keyId as string as KeyId // the same shape under the brand of the contract
  const proof = await proveToken({ token: parsed.token, keyId })
  return proof.key?.record.mode === 'root' ? { ...proof, key: null } : proof
}
