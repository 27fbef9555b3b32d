/** The generated client is the contract's: same rows, same types, no older copy. */
import { readFileSync } from 'node:fs'
import {
  type AnswerOf, type BodyInputOf, type ErrorCode as ContractErrorCode, operationIds, operations as contractOperations, type OperationId,
  type QueryInputOf,
} from '@letterlock/contract'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { operationsSource } from '../scripts/operations-source.ts'
import type { ListRequest, Page } from '../src/list-request.ts'
import {
  type CampaignsRecipientsQuery, type Contact, type ContactsUpdateBody, type ErrorCode, operations, type Resources,
} from '../src/operations.generated.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

test('operations.generated.ts is what the operation table makes today (else: pnpm generate)', () => {
  expect(operationsSource()).toBe(read('../src/operations.generated.ts'))
})

test('every operation of the contract is there, with its method and path', () => {
  const wire = (rows: Record<string, { method: string; path: string }>) =>
    Object.fromEntries(Object.entries(rows).map(([id, { method, path }]) => [id, `${method} ${path}`]))
  expect(operationIds.length).toBeGreaterThan(20)
  expect(wire(operations)).toEqual(wire(contractOperations))
})

test('every generated type leaves by the door', () => {
  const generated = [...read('../src/operations.generated.ts').matchAll(/export (?:interface|type) (\w+)/g)].map((match) => match[1])
  const door = read('../src/index.ts')
  expect(generated.filter((name) => name !== 'OperationId' && !new RegExp(`\\b${name}\\b`).test(door))).toEqual([])
})

/*
 * Types; it is the type check that fails. The client's are looser than the contract's in three ways, which `Loose`
 * applies to the contract's: ids are plain strings, enumerations are open, an optional field is never `undefined`.
 */
type Loose<T> = T extends string ? string
  : T extends readonly (infer Item)[] ? Loose<Item>[]
  : T extends object ? { [K in keyof T]: Exclude<Loose<T[K]>, undefined> }
  : T
type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

type Method<Id extends OperationId> = Id extends `${infer R extends keyof Resources}.${infer M}`
  ? M extends keyof Resources[R] ? Resources[R][M] : never
  : never
type Arguments<Id extends OperationId> = Method<Id> extends (...args: infer A) => unknown ? Required<A> : never
/** What the method takes at the place that the table names `Name`. */
type Argument<Id extends OperationId, Name extends string> = AtName<(typeof operations)[Id]['args'], Arguments<Id>, Name>
type AtName<Names extends readonly string[], Args, Name extends string> = {
  [I in keyof Names]: Names[I] extends Name ? (I extends keyof Args ? Args[I] : never) : never
}[number]
type ClientAnswer<Id extends OperationId> = Method<Id> extends (...args: never[]) => infer R
  ? R extends ListRequest<infer Item> ? Page<Item> : Awaited<R>
  : never
type Answer<Id extends OperationId> = AnswerOf<Id>['body'] extends null ? void : Loose<AnswerOf<Id>['body']>

type IdWith<Name extends string> = { [Id in OperationId]: Name extends (typeof operations)[Id]['args'][number] ? Id : never }[OperationId]
type Fits<A, B> = [A] extends [B] ? true : false
type Misfit<Checks> = { [K in keyof Checks]: Checks[K] extends true ? never : K }[keyof Checks]

describe('types', () => {
  test('what the contract answers is what the client answers', () => {
    expectTypeOf<Misfit<{ [Id in OperationId]: Fits<Answer<Id>, ClientAnswer<Id>> }>>().toBeNever()
    expectTypeOf<Misfit<{ [Id in OperationId]: Fits<Loose<ClientAnswer<Id>>, Answer<Id>> }>>().toBeNever()
  })

  test('the client takes what the contract takes', () => {
    expectTypeOf<IdWith<'body'>>().toExtend<OperationId>()
    expectTypeOf<Misfit<{ [Id in IdWith<'body'>]: Fits<Exclude<BodyInputOf<Id>, undefined>, Argument<Id, 'body'>> }>>().toBeNever()
    expectTypeOf<Misfit<{ [Id in IdWith<'body'>]: Fits<Argument<Id, 'body'>, DeepReadonly<BodyInputOf<Id>>> }>>().toBeNever()
    expectTypeOf<Misfit<{ [Id in IdWith<'query'>]: Fits<QueryInputOf<Id>, Argument<Id, 'query'>> }>>().toBeNever()
    expectTypeOf<Misfit<{ [Id in IdWith<'query'>]: Fits<Argument<Id, 'query'>, QueryInputOf<Id>> }>>().toBeNever()
  })

  test('the comparison sees the arguments and answers', () => {
    expectTypeOf<Argument<'contacts.update', 'body'>>().toEqualTypeOf<ContactsUpdateBody>()
    expectTypeOf<Argument<'campaigns.recipients', 'query'>>().toEqualTypeOf<CampaignsRecipientsQuery>()
    expectTypeOf<ClientAnswer<'contacts.list'>>().toEqualTypeOf<Page<Contact>>()
    expectTypeOf<Fits<Answer<'lists.get'>, ClientAnswer<'campaigns.get'>>>().toEqualTypeOf<false>()
    expectTypeOf<Contact['lists'][number]['status']>().toEqualTypeOf<'subscribed' | 'unconfirmed' | 'unsubscribed' | (string & {})>()
  })

  test('error codes', () => {
    expectTypeOf<ContractErrorCode>().toExtend<ErrorCode>()
  })
})
