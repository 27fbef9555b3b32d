/** The client is the router's: same procedures, same types, no older copy. */
import { readFileSync } from 'node:fs'
import type { ErrorCode as ContractErrorCode } from '@letterlock/contract'
import type { AppRouter } from '@letterlock/server/router-type'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { generatedSources } from '../scripts/procedures-source.ts'
import { routerProcedures } from '../scripts/router-procedures.ts'
import type { ErrorCode, Key, Procedures } from '../src/index.ts'
import { rootKey, scripted } from './scripted-server.ts'

const older = 'The procedures of the server changed: run `pnpm run generate` in packages/admin, and commit what it writes.'

test.each(Object.entries(generatedSources()))('%s is what the router makes today (else: pnpm run generate)', (name, source) => {
  const written = readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8')
  expect(written === source ? 'as the router makes it' : older).toBe('as the router makes it')
})

test('every procedure of the router can be called, queries by GET and mutations by POST', async () => {
  const { admin, seen } = await scripted([{ status: 200, json: { result: { data: {} } } }], { rootKey })
  const routers = admin as unknown as Record<string, Record<string, () => Promise<unknown>>>
  const procedures = routerProcedures()
  expect(procedures.length).toBeGreaterThan(30)
  for (const { router, method } of procedures) await routers[router]?.[method]?.()
  const called = seen.map(({ method, url }) => `${method} ${url.split('?')[0]}`)
  expect(called).toEqual(procedures.map(({ name, type }) => `${type === 'query' ? 'GET' : 'POST'} /trpc/${name}`))
})

/*
 * Types; it is the type check that fails. The client's are those of the router in plain words: `Plain` takes brands off
 * strings, `undefined` off what may be absent, and `readonly` off everything.
 */
type Plain<T> = unknown extends T ? unknown
  : T extends string ? ({} extends Record<T, 1> ? string : T) // an id is typed by its prefix, `key_${string}`
  : T extends readonly (infer Item)[] ? Plain<Item>[]
  : T extends object ? { -readonly [K in keyof T]: Plain<Exclude<T[K], undefined>> }
  : T

type Inputs = inferRouterInputs<AppRouter>
type Outputs = inferRouterOutputs<AppRouter>
type RouterName = keyof Procedures
type Input<R extends RouterName, M extends keyof Procedures[R]> = Procedures[R][M] extends (...args: infer A) => unknown ? NonNullable<Required<A>[0]> : never
type Output<R extends RouterName, M extends keyof Procedures[R]> = Procedures[R][M] extends (...args: never[]) => Promise<infer O> ? O : never
type At<T, R, M> = R extends keyof T ? (M extends keyof T[R] ? T[R][M] : never) : never
type Fits<A, B> = [A] extends [B] ? true : false
type IsAny<T> = 0 extends 1 & T ? true : false
/** The procedures of which `Check` does not hold. */
type Misfit<Checks> = { [R in keyof Checks]: { [M in keyof Checks[R]]: Checks[R][M] extends true ? never : [R, M] }[keyof Checks[R]] }[keyof Checks]

describe('types', () => {
  test('what the router answers is what the client answers', () => {
    expectTypeOf<Misfit<{ [R in RouterName]: { [M in keyof Procedures[R]]: Fits<Plain<At<Outputs, R, M>>, Plain<Output<R, M>>> } }>>().toBeNever()
    expectTypeOf<Misfit<{ [R in RouterName]: { [M in keyof Procedures[R]]: Fits<Plain<Output<R, M>>, Plain<At<Outputs, R, M>>> } }>>().toBeNever()
  })

  test('the client takes what the router takes', () => {
    expectTypeOf<Misfit<{ [R in RouterName]: { [M in keyof Procedures[R]]: Fits<Plain<Input<R, M>>, Plain<NonNullable<At<Inputs, R, M>>>> } }>>().toBeNever()
    expectTypeOf<Misfit<{ [R in RouterName]: { [M in keyof Procedures[R]]: Fits<Plain<NonNullable<At<Inputs, R, M>>>, Plain<Input<R, M>>> } }>>().toBeNever()
  })

  test('nothing is any', () => {
    expectTypeOf<Misfit<{ [R in RouterName]: { [M in keyof Procedures[R]]: IsAny<Output<R, M>> extends true ? false : IsAny<Input<R, M>> extends true ? false : true } }>>().toBeNever()
  })

  test('the comparison sees procedures', () => {
    expectTypeOf<Misfit<{ keys: { get: Fits<Plain<Outputs['keys']['get']>, Plain<Output<'keys', 'list'>>> } }>>().toEqualTypeOf<['keys', 'get']>()
    expectTypeOf<Output<'keys', 'create'>['key']>().toEqualTypeOf<Key>()
    expectTypeOf<Output<'keys', 'create'>['secret']>().toEqualTypeOf<string>()
    expectTypeOf<RouterName>().toEqualTypeOf<keyof Outputs>()
  })

  test('a wrong input does not compile', () => {
    const wrong = (procedures: Procedures) => {
      // @ts-expect-error a name is missing
      void procedures.workspaces.create({})
      // @ts-expect-error no such field
      void procedures.keys.get({ keyId: 'key_1', verbose: true })
      // @ts-expect-error no such mode
      void procedures.keys.create({ workspaceId: 'ws_1', name: 'CI', mode: 'production' })
    }
    expect(wrong).toBeTypeOf('function')
  })

  test('error codes', () => {
    expectTypeOf<ErrorCode>().toEqualTypeOf<ContractErrorCode>()
  })
})
