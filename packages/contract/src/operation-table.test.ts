import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { errorCodes } from './error-codes.ts'
import { bodyErrors, commonErrors, type Operation } from './operation.ts'
import { type AnswerOf, type BodyInputOf, type BodyOf, operationIds, operations, type QueryOf } from './operation-table.ts'
import { isProductScope } from './scopes.ts'

const rows = Object.entries<Operation>(operations)

test('the table has the operations of every resource', () => {
  expect(operationIds).toHaveLength(33)
  expect(Object.keys(Object.groupBy(operationIds, (id) => id.split('.')[0] ?? ''))).toEqual(['key', 'usage', 'contacts', 'properties', 'lists', 'campaigns', 'emails'])
})

test('no two operations share method and path', () => {
  const places = rows.map(([, row]) => `${row.method} ${row.path.replaceAll(/\{\w+\}/g, '{}')}`)
  expect(places.filter((place, i) => places.indexOf(place) !== i)).toEqual([])
})

describe.each(rows)('%s', (id, row) => {
  const successes = Object.entries(row.answers)

  test('is named resource.verb, and its path starts with the resource', () => {
    expect(id).toMatch(/^[a-z]+\.[a-z][A-Za-z]*$/)
    expect(row.path).toMatch(/^(\/([a-z-]+|\{\w+\}))+$/)
    expect(row.path.startsWith(`/${id.split('.')[0]}`)).toBe(true)
  })

  test('has a schema for exactly the parameters of its path', () => {
    const inPath = [...row.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
    expect(Object.keys(row.params?.shape ?? {})).toEqual(inPath)
  })

  test('needs a registered scope that fits what it does; only a key’s own affairs need none', () => {
    const scope = row.scope ?? `key:${row.method === 'GET' ? 'read' : 'write'}`
    expect(isProductScope(scope)).toBe(row.scope !== null)
    const [resource, action] = scope.split(':')
    expect(row.path.startsWith(`/${resource}`)).toBe(true)
    expect(action === 'read').toBe(row.method === 'GET')
  })

  test('has a body where the method has one', () => {
    const allowed = { GET: [false], POST: [true], PUT: [true], PATCH: [true], DELETE: [true, false] }[row.method]
    expect(allowed).toContain(row.body !== undefined)
  })

  test('refuses unknown fields of parameters, query and body', () => {
    expect(given(row).filter((schema) => !unknownFieldRefused(schema))).toEqual([])
  })

  test('bounds every string and list that a caller sends', () => {
    expect(given(row).flatMap((schema) => unbounded(z.toJSONSchema(schema, { io: 'input' }), ''))).toEqual([])
  })

  test('refuses NUL and unpaired surrogates in every string that a caller sends', () => {
    const strings = given(row).flatMap((schema) => stringsIn(schema, ''))
    expect(strings.flatMap(([path, schema]) => unstorableTaken(schema).map((text) => `${path} ${JSON.stringify(text)}`))).toEqual([])
  })

  test('answers successes with one schema; a list with a page', () => {
    expect(successes.length).toBeGreaterThan(0)
    expect(new Set(successes.map(([, schema]) => schema)).size).toBe(1)
    for (const [status, schema] of successes) {
      expect(['200', '201', '202', '204']).toContain(status)
      expect(schema === null).toBe(status === '204')
    }
    expect(isPage(row)).toBe(/\.(list|recipients)$/.test(id))
  })

  test('lists its own errors: registered, no common one again, not_found where an id is named', () => {
    const known: readonly string[] = Object.keys(errorCodes)
    const common: readonly string[] = [...commonErrors, ...bodyErrors]
    for (const code of row.errors) {
      expect(known).toContain(code)
      expect(common).not.toContain(code)
    }
    expect(new Set(row.errors).size).toBe(row.errors.length)
    expect(row.params === undefined || row.errors.includes('not_found')).toBe(true)
  })

  test('has a summary of one or two sentences', () => {
    expect(row.summary).toMatch(/^[A-Z].{5,160}\.$/)
  })
})

test.each(rows.filter(([, row]) => isPage(row)))('%s takes limit and cursor, within their bounds', (_, row) => {
  expect(row.method).toBe('GET')
  expect(row.query?.parse({})).toEqual({ limit: 20 })
  expect(row.query?.parse({ limit: '100', cursor: 'c' })).toEqual({ limit: 100, cursor: 'c' })
  for (const limit of ['0', '101', '1.5', 'x', '', '0x10', '1e1', '+5', ' 5']) expect(row.query?.safeParse({ limit }).success).toBe(false)
})

describe('types of the table', () => {
  test('follow the row', () => {
    expectTypeOf<QueryOf<'contacts.list'>['limit']>().toEqualTypeOf<number>()
    expectTypeOf<BodyInputOf<'contacts.batch'>['onConflict']>().toEqualTypeOf<'update' | 'skip' | 'fail' | undefined>()
    expectTypeOf<BodyOf<'contacts.batch'>['onConflict']>().toEqualTypeOf<'update' | 'skip' | 'fail'>()
    expectTypeOf<AnswerOf<'contacts.delete'>>().toEqualTypeOf<{ status: 204; body: null }>()
    expectTypeOf<AnswerOf<'contacts.upsert'>['status']>().toEqualTypeOf<200 | 201>()
    expectTypeOf<BodyOf<'contacts.get'>>().toBeNever()
  })
})

type Json = z.core.JSONSchema.BaseSchema

function unknownFieldRefused(schema: z.ZodType): boolean {
  const issues = schema.safeParse({ surprise: 1 }).error?.issues ?? []
  return issues.some((issue) => issue.code === 'unrecognized_keys')
}

function given(row: Operation): z.ZodType[] {
  return [row.params, row.query, row.body].filter((schema) => schema !== undefined)
}

function isPage(row: Operation): boolean {
  const schema = row.answers[200]
  return schema instanceof z.ZodObject && 'nextCursor' in schema.shape
}

const seeds = ['a', 'a@example.com', 'A <a@example.com>', '2026-11-22T09:30:00Z']

/** Texts with NUL or half a character in them that the schema takes, wherever in a good text they are. */
function unstorableTaken(schema: z.ZodType): string[] {
  const { example } = (z.globalRegistry.get(schema) ?? {}) as { example?: string }
  const good = [...seeds, ...(example ? [example] : [])].filter((text) => schema.safeParse(text).success)
  expect(good).not.toEqual([])
  const spoilt = good.flatMap((text) => [0, 1, text.length].flatMap((at) =>
    ['\0', '\ud800', '\udc00'].map((unit) => text.slice(0, at) + unit + text.slice(at))))
  return spoilt.filter((text) => schema.safeParse(text).success)
}

/** Every schema of a free string inside, with its path. A kind of schema that is not known here is a fault. */
function stringsIn(schema: unknown, path: string): [path: string, schema: z.ZodType][] {
  const within = (inner: unknown, name: string) => stringsIn(inner, `${path}.${name}`)
  if (schema instanceof z.ZodObject) return Object.entries(schema.shape).flatMap(([name, inner]) => within(inner, name))
  if (schema instanceof z.ZodArray) return within(schema.element, '[]')
  if (schema instanceof z.ZodRecord) return [...within(schema.keyType, 'name'), ...within(schema.valueType, '*')]
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((inner, i) => within(inner, `${i}`))
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) return stringsIn(schema.unwrap(), path)
  if (schema instanceof z.ZodPipe) return stringsIn(schema.in instanceof z.ZodTransform ? schema.out : schema.in, path)
  if (!(schema instanceof z.ZodType)) throw new TypeError(`not a schema at ${path}`)
  if (schema.def.type === 'string') return [[path, schema]]
  if (['number', 'boolean', 'enum'].includes(schema.def.type)) return []
  throw new TypeError(`a schema of type ${schema.def.type} at ${path}`)
}

/** Paths of strings and lists without a maximum. */
function unbounded(schema: Json, path: string): string[] {
  const inner = (child: unknown, name: string) => (typeof child === 'object' && child !== null ? unbounded(child as Json, `${path}.${name}`) : [])
  const own: string[] = []
  if (schema.type === 'string' && !schema.enum && schema.maxLength === undefined && !schema.pattern?.startsWith('^')) own.push(path)
  if (schema.type === 'array' && schema.maxItems === undefined) own.push(path)
  return [
    ...own,
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) => inner(child, name)),
    ...inner(schema.items, '[]'),
    ...inner(schema.additionalProperties, '*'),
    ...(schema.anyOf ?? []).flatMap((child, i) => inner(child, `${i}`)),
  ]
}
