/** The generated client is the contract's: same rows, same types, no older copy. */
import { readFileSync } from 'node:fs'
import {
  type AnswerOf, type BodyInputOf, type ErrorCode as ContractErrorCode, operationIds, operations as contractOperations, type OperationId,
  type QueryInputOf,
} from '@letterlock/contract'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { operationsSource } from '../scripts/operations-source.ts'
import type { ListRequest } from '../src/list-request.ts'
import { type ErrorCode, operations, type Resources } from '../src/operations.generated.ts'

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
 * Types. `pnpm typecheck` is what fails here; the client's types are looser than the contract's in three ways, which
 * `Loose` applies to the contract's: ids are plain strings, enumerations are open, lists that are sent are readonly.
 */
type Loose<T> = T extends string
  ? string extends T ? string : T extends { length: number } & infer S extends string ? (IsLiteral<S> extends true ? S | (string & {}) : string) : never
  : T extends readonly (infer Item)[] ? Loose<Item>[]
  : T extends object ? { [K in keyof T as string extends K ? never : K]: Exclude<Loose<T[K]>, undefined> } & IndexPart<T>
  : T
type IndexPart<T> = string extends keyof T ? { [name: string]: Loose<T[keyof T]> } : unknown
type IsLiteral<S extends string> = object extends Record<S, 1> ? false : true

type Answer<Id extends OperationId> = AnswerOf<Id>['body']
type Method<Id extends OperationId> = Id extends `${infer R}.${infer M}`
  ? R extends keyof Resources ? M extends keyof Resources[R] ? Resources[R][M] : never : never
  : never
type ClientAnswer<Id extends OperationId> = Method<Id> extends (...args: never[]) => infer R
  ? R extends ListRequest<infer Item> ? { data: Item[]; hasMore: boolean; nextCursor: string | null } : Awaited<R>
  : never
/** The arguments between path parameters and options. */
type ClientInput<Id extends OperationId> = Method<Id> extends (...args: infer A) => unknown ? Extract<Exclude<A[number], undefined | string>, object> : never

/** `true` where A can be given as B. */
type Fits<A, B> = [A] extends [B] ? true : false

type Misfit<Checks extends Record<string, boolean>> = { [K in keyof Checks]: Checks[K] extends true ? never : K }[keyof Checks]

describe('types', () => {
  test('what the contract answers fits the client’s type, and the other way round', () => {
    type ToClient = { [Id in OperationId]: Answer<Id> extends null ? true : Fits<Answer<Id>, ClientAnswer<Id>> }
    type FromClient = { [Id in OperationId]: Answer<Id> extends null ? Fits<void, ClientAnswer<Id>> : Fits<ClientAnswer<Id>, Loose<Answer<Id>>> }
    expectTypeOf<Misfit<ToClient>>().toBeNever()
    expectTypeOf<Misfit<FromClient>>().toBeNever()
  })

  test('what the client takes the contract takes, and the other way round', () => {
    type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T
    type Bodies = { [Id in OperationId as Method<Id> extends never ? never : BodyInputOf<Id> extends never ? never : Id]: Exclude<BodyInputOf<Id>, undefined> }
    type Queries = { [Id in OperationId as QueryInputOf<Id> extends never ? never : Id]: QueryInputOf<Id> }
    type Given = Bodies & Queries
    type IsEmpty<T> = keyof T extends never ? true : false
    type Takes = { [Id in keyof Given & OperationId]: IsEmpty<Given[Id]> extends true ? true : Given[Id] extends ClientInput<Id> ? true : false }
    type Sends = { [Id in keyof Given & OperationId]: IsEmpty<Given[Id]> extends true ? true : Fits<ClientInput<Id>, DeepReadonly<Given[Id]> | object & { signal?: unknown }> }
    expectTypeOf<Misfit<Takes>>().toBeNever()
    expectTypeOf<Misfit<Sends>>().toBeNever()
  })

  test('error codes', () => {
    expectTypeOf<ContractErrorCode>().toExtend<ErrorCode>()
  })
})
