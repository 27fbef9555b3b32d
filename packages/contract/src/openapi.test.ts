import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { errorCodeNames } from './error-codes.ts'
import { openapiDocument } from './openapi.ts'
import type { Operation } from './operation.ts'
import { operations } from './operation-table.ts'

type Json = { [name: string]: Json } & { [index: number]: Json }

const written = () => JSON.parse(JSON.stringify(openapiDocument({ serverUrl: 'http://127.0.0.1:4000', version: '1.2.3' }))) as Json

const ajv = new Ajv2020({ strict: false })

/** Faults by the schema of OpenAPI 3.1, by that of JSON Schema 2020-12 for each schema inside, and of its references. */
async function faultsOf(document: Json): Promise<string[]> {
  const result = await new Validator().validate(structuredClone(document))
  const faults = result.valid ? [] : [`OpenAPI: ${JSON.stringify(result.errors)}`]
  for (const [path, name, value] of nodes(document, '#')) {
    if (name === '$ref' && !at(document, String(value))) faults.push(`${path}: nothing at ${String(value)}`)
    const schemas = name === 'schema' ? [value] : name === 'schemas' ? Object.values(value) : []
    for (const schema of schemas) if (!ajv.validateSchema(schema)) faults.push(`${path}: ${ajv.errorsText()}`)
  }
  const ids = [...nodes(document, '#')].filter(([, name]) => name === 'operationId').map(([, , id]) => String(id))
  return [...faults, ...ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `two operations ${id}`)]
}

function* nodes(node: Json, path: string): Generator<[path: string, name: string, value: Json]> {
  for (const [name, value] of Object.entries(node)) {
    yield [`${path}/${name}`, name, value]
    if (typeof value === 'object' && value !== null) yield* nodes(value, `${path}/${name}`)
  }
}

function at(document: Json, ref: string): Json | undefined {
  return ref.split('/').slice(1).reduce<Json | undefined>((node, name) => node?.[name], document)
}

function unset(node: Json | undefined, name: string) {
  expect(node).toHaveProperty(name)
  delete node?.[name]
}

describe('openapiDocument()', () => {
  test('is a valid OpenAPI 3.1 document', async () => {
    const document = written()
    expect(document.openapi).toBe('3.1.0')
    expect(await faultsOf(document)).toEqual([])
  })

  const breaks: [string, (document: Json) => unknown][] = [
    ['a missing title', (d) => unset(d.info, 'title')],
    ['an answer without description', (d) => unset(d.paths?.['/key']?.get?.responses?.['200'], 'description')],
    ['a parameter in no place', (d) => Object.assign(d.paths?.['/contacts']?.get?.parameters?.[0] ?? {}, { in: 'nowhere' })],
    ['an unknown field of an operation', (d) => Object.assign(d.paths?.['/key']?.get ?? {}, { method: 'GET' })],
    ['a wrong type in a schema', (d) => Object.assign(d.components?.schemas?.Contact ?? {}, { type: 'strng' })],
    ['a wrong bound in a body', (d) => Object.assign(d.paths?.['/lists']?.post?.requestBody?.content?.['application/json']?.schema ?? {}, { required: 'name' })],
    ['a reference to nothing', (d) => unset(d.components?.schemas, 'Contact')],
    ['an operation id twice', (d) => Object.assign(d.paths?.['/key']?.get ?? {}, { operationId: 'usage.get' })],
  ]
  test.each(breaks)('the check finds %s', async (_, damage) => {
    const document = written()
    damage(document)
    expect(await faultsOf(document)).not.toEqual([])
  })

  test('has every operation, with its id, scope, statuses and failures', () => {
    const document = written()
    for (const [id, row] of Object.entries<Operation>(operations)) {
      const operation = document.paths?.[row.path]?.[row.method.toLowerCase()]
      expect(operation?.operationId).toBe(id)
      expect(String(operation?.description)).toContain(row.scope ?? 'Any key')
      expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining([...Object.keys(row.answers), '400', '401', '403', '429', '500', '503']))
      const headers = (Object.values(operation?.parameters ?? {}) as Json[]).filter((parameter) => String(parameter.in) === 'header')
      expect(headers.map((header) => String(header.name))).toEqual(row.method === 'POST' ? ['Idempotency-Key'] : [])
      expect('422' in (operation?.responses ?? {})).toBe(row.method === 'POST')
    }
    expect(Object.values(document.paths ?? {}).flatMap((path) => Object.keys(path))).toHaveLength(Object.keys(operations).length)
  })

  test('lets answers grow: no schema of an answer forbids further fields, every one of a request does', () => {
    const document = written()
    const closed = [...nodes(document, '#')].filter(([, name, value]) => name === 'additionalProperties' && (value as unknown) === false)
    expect(closed.filter(([path]) => !path.includes('/requestBody/'))).toEqual([])
    expect(closed.length).toBeGreaterThan(8)
  })

  test('names the server, its version and every error code', () => {
    const text = JSON.stringify(written())
    expect(written().servers).toEqual([{ url: 'http://127.0.0.1:4000/v1' }])
    expect(written().info?.version).toBe('1.2.3')
    for (const code of errorCodeNames) expect(text).toContain(`"${code}"`)
  })
})
