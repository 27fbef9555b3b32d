import { operationIds } from '@letterlock/contract'
import { z } from 'zod'
import type { UsedOperation } from '../../jobs/usage-recorder.ts'

const verifications = ['keys.verify', 'verifier.verify'] as const satisfies readonly UsedOperation[]

/** What an API key was used for: an operation of the product API, or a verification for somebody else. */
export const usedOperation = z.enum([...operationIds, ...verifications])
