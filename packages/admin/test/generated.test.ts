/** The generated client is the router's: the same procedures, the same types, no older copy. */
import { readFileSync } from 'node:fs'
import type { AppRouter } from '@letterlock/server/router-type'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { generatedSources } from '../scripts/procedures-source.ts'
import { routerProcedures } from '../scripts/router-procedures.ts'
import type { ErrorCode, Key, Procedures } from '../src/index.ts'
import { procedures } from '../src/procedure-table.generated.ts'

test.each(Object.entries(generatedSources()))('src/%s is what the router makes today (else: `pnpm run generate` in packages/admin)', (name, source) => {
  expect(readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8')).toBe(source)
})

test('every procedure of the router is there, and is called as what it is', () => {
  const table = Object.entries(procedures).flatMap(([router, methods]) => Object.entries(methods).map(([method, type]) => [`${router}.${method}`, type]))
  expect(table.length).toBeGreaterThan(40)
  expect(Object.fromEntries(table)).toEqual(Object.fromEntries(routerProcedures().map(({ name, type }) => [name, type])))
})

describe('the published types', () => {
  const built = readFileSync(new URL('../dist/index.d.ts', import.meta.url), 'utf8')
  const code = built.replaceAll(/\/\*[\s\S]*?\*\/|'[^'\n]*'/g, '')

  test('have no any, and import nothing', () => {
    expect(code).toContain('interface KeysCreateInput')
    expect(code.match(/\bany\b/g)).toBeNull()
    expect(built.match(/\bfrom '|\bimport\(|\/\/\/ *<reference/g)).toBeNull()
  })

  test('say what each procedure needs', () => {
    for (const { method, scope } of routerProcedures()) expect(built).toMatch(new RegExp(`\`${scope}\`\\. \\*/\\s+readonly ${method}:`))
  })
})

/*
 * Types; it is the type check that fails. The client's are looser than the router's in two ways, which `Loose` applies
 * to the router's: ids are plain strings, and what is answered is not frozen.
 */
type Loose<T> = T extends string ? (string extends T ? string : T extends `${string}_${string}` ? (T extends ErrorCode ? T : LooseText<T>) : T)
  : T extends readonly (infer Item)[] ? Loose<Item>[]
  : T extends object ? { -readonly [K in keyof T]: Loose<T[K]> }
  : T
/** Ids are templates, `key_${string}`; names of a closed set stay. */
type LooseText<T extends string> = T extends `${infer Prefix}_${infer Rest}` ? (string extends Rest ? string : Prefix extends '' ? string : T) : string
type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

type Inputs = inferRouterInputs<AppRouter>
type Outputs = inferRouterOutputs<AppRouter>
type Router = keyof Procedures
type Method<R extends Router> = keyof Procedures[R] & keyof Inputs[R] & string
type ClientInput<R extends Router, M extends Method<R>> = Procedures[R][M] extends (input: infer I, ...rest: never[]) => unknown ? Exclude<I, undefined> : never
type ClientOutput<R extends Router, M extends Method<R>> = Procedures[R][M] extends (...args: never[]) => Promise<infer O> ? O : never
type Fits<A, B> = [A] extends [B] ? true : false
type Misfit<Checks> = { [K in keyof Checks]: Checks[K] extends true ? never : K }[keyof Checks]
/** The names of the procedures where the router and the client differ. */
type Everywhere<Check extends 'asks' | 'answers'> = {
  [R in Router]: Misfit<{
    [M in Method<R>]: Check extends 'asks' ? Fits<DeepReadonly<Exclude<Inputs[R][M & keyof Inputs[R]], undefined | void>>, DeepReadonly<ClientInput<R, M>>>
      : Fits<Loose<Outputs[R][M & keyof Outputs[R]]>, ClientOutput<R, M>>
  }> extends infer Name extends string ? `${R}.${Name}` : never
}[Router]

describe('types', () => {
  test('whatever the router takes, the client takes', () => {
    expectTypeOf<Everywhere<'asks'>>().toBeNever()
  })

  test('whatever the router answers, the client says', () => {
    expectTypeOf<Everywhere<'answers'>>().toBeNever()
  })

  test('the comparison sees inputs and answers, and misfits', () => {
    expectTypeOf<ClientInput<'keys', 'create'>['workspaceId']>().toEqualTypeOf<string>()
    expectTypeOf<ClientOutput<'keys', 'create'>['key']>().toEqualTypeOf<Key>()
    expectTypeOf<Misfit<{ good: true; bad: false }>>().toEqualTypeOf<'bad'>()
    expectTypeOf<Loose<`key_${string}`>>().toEqualTypeOf<string>()
    expectTypeOf<Loose<'by_system' | 'live'>>().toEqualTypeOf<'by_system' | 'live'>()
  })
})
