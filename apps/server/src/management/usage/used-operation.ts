import { operationIds } from '@letterlock/contract'
import { z } from 'zod'
import type { UsedOperation } from '../../jobs/usage-recorder.ts'

const others = ['keys.verify', 'oauth.introspect', 'oauth.token', 'verifier.verify'] as const satisfies readonly UsedOperation[]

/** What an API key was used for: an operation of the product API, a verification for somebody else, or an access token. */
export const usedOperation = z.enum([...operationIds, ...others])
