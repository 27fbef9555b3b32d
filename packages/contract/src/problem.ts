import { z } from 'zod'
import { errorCodeNames } from './error-codes.ts'

/** The body of every failure: RFC 9457 problem details. Readers must accept unknown codes and fields. */
export const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.enum(errorCodeNames),
    requestId: z.string(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details; `code` is stable, texts are not.' })

export type Problem = z.infer<typeof problem>

/** One place of a request that does not fit; path as `contacts.3.email`, empty for the whole. */
export interface Issue {
  readonly path: string
  readonly message: string
}
