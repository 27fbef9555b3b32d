import { isFailure } from '../../http/failure.ts'
import { verifyAnswer, verifyInput, verifyOutput } from '../../verifier-api/verify-answer.ts'
import type { ManagementDeps } from '../context.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'

/**
 * The outcome about an API key: an invalid one is an answer, not an error. A mutation because it takes from the rate
 * limits, and because a key must not be in a URL; it changes no revision.
 */
export function verifyKey({ verifier, ...deps }: Pick<ManagementDeps, 'verifier' | 'clock' | 'keyFormat' | 'recordUse'>) {
  return procedureFor('verifier:read')
    .input(verifyInput)
    .output(verifyOutput)
    .mutation(async ({ input, ctx: { requestId, ip } }) => {
      const answer = await verifyAnswer({ ...deps, verify: verifier.verify }, input, { operationId: 'keys.verify', requestId, ip })
      return isFailure(answer) ? refuse(answer) : answer
    })
}
