import type { z } from 'zod'
import type { Operation } from './operation.ts'
import { campaignOperations } from './operations/campaigns.ts'
import { contactOperations } from './operations/contacts.ts'
import { emailOperations } from './operations/emails.ts'
import { keyOperations, usageOperations } from './operations/key.ts'
import { listOperations } from './operations/lists.ts'
import { propertyOperations } from './operations/properties.ts'

/** Every operation of the product API by its id. Server, OpenAPI, SDK and the test matrices iterate over it. */
export const operations = {
  ...keyOperations,
  ...usageOperations,
  ...contactOperations,
  ...propertyOperations,
  ...listOperations,
  ...campaignOperations,
  ...emailOperations,
} as const satisfies Record<string, Operation>

export type OperationId = keyof typeof operations
export const operationIds = Object.keys(operations) as readonly OperationId[] // keys of a literal

type Row<Id extends OperationId> = (typeof operations)[Id]
type Schema<Id extends OperationId, Part extends 'params' | 'query' | 'body'> =
  Row<Id> extends { readonly [P in Part]: infer S extends z.ZodType } ? S : never

/** What a handler gets: parsed, defaults filled in. */
export type ParamsOf<Id extends OperationId> = z.output<Schema<Id, 'params'>>
export type QueryOf<Id extends OperationId> = z.output<Schema<Id, 'query'>>
export type BodyOf<Id extends OperationId> = z.output<Schema<Id, 'body'>>

/** What a caller sends. */
export type BodyInputOf<Id extends OperationId> = z.input<Schema<Id, 'body'>>
export type QueryInputOf<Id extends OperationId> = z.input<Schema<Id, 'query'>>

/** The successful answers as `{ status, body }`; body is null where there is none. */
export type AnswerOf<Id extends OperationId> = {
  [Status in keyof Row<Id>['answers']]: {
    status: Status
    body: Row<Id>['answers'][Status] extends infer S extends z.ZodType ? z.output<S> : null
  }
}[keyof Row<Id>['answers']]
