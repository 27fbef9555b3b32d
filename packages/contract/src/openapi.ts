import { z } from 'zod'
import {
  createDocument, type ZodOpenApiObject, type ZodOpenApiOperationObject, type ZodOpenApiOverride, type ZodOpenApiPathsObject,
} from 'zod-openapi'
import { type ErrorCode, errorCodes } from './error-codes.ts'
import { bodyErrors, commonErrors, type Operation } from './operation.ts'
import { operations } from './operation-table.ts'
import { problem } from './problem.ts'
import { productScopes } from './scopes.ts'

const idempotencyHeader = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .optional()
    .meta({ description: 'Makes a repeat safe: within 24 hours the same key and body get the stored answer.' }),
})

/** The OpenAPI 3.1 document of the product API, made from the operation table. */
export function openapiDocument(options: { serverUrl: string; version: string }): ReturnType<typeof createDocument> {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const [id, row] of Object.entries<Operation>(operations)) {
    ;(paths[row.path] ??= {})[row.method.toLowerCase()] = describe(id, row)
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: 'Letterlock',
      version: options.version,
      description: 'Contacts, lists, campaigns and e-mails. Ignore unknown fields; enumerations may grow.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: `${options.serverUrl}/v1` }],
    security: [{ key: [] }],
    tags: [...new Set(Object.keys(operations).map(resourceOf))].map((name) => ({ name })),
    paths: paths as ZodOpenApiPathsObject, // built above, method by method
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: scopeList() } } },
  }
  return createDocument(document, { override: letAnswersGrow })
}

/** An answer may get further fields, so its schema must not forbid them. */
const letAnswersGrow: ZodOpenApiOverride = ({ io, jsonSchema }) => {
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
}

function describe(id: string, row: Operation): ZodOpenApiOperationObject {
  const responses: ZodOpenApiOperationObject['responses'] = {}
  for (const [status, schema] of Object.entries(row.answers)) {
    responses[status as `${1 | 2 | 3 | 4 | 5}${string}`] = success(Number(status), schema)
  }
  for (const [status, codes] of failuresByStatus(row)) {
    responses[`${status}` as '400'] = {
      description: codes.map((code) => `\`${code}\`: ${errorCodes[code].when}`).join('\n\n'),
      content: { 'application/problem+json': { schema: problem } },
    }
  }
  return {
    operationId: id,
    summary: row.summary,
    description: row.scope ? `Needs the scope \`${row.scope}\`.` : 'Any key may call this.',
    tags: [resourceOf(id)],
    requestParams: {
      ...(row.params && { path: row.params }),
      ...(row.query && { query: row.query }),
      ...(row.method === 'POST' && { header: idempotencyHeader }),
    },
    ...(row.body && {
      requestBody: { required: !row.body.safeParse(undefined).success, content: { 'application/json': { schema: row.body } } },
    }),
    responses,
  }
}

function success(status: number, schema: z.ZodType | null) {
  const description = { 200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'Done' }[status] ?? 'OK'
  return schema ? { description, content: { 'application/json': { schema } } } : { description }
}

function failuresByStatus(row: Operation): [number, ErrorCode[]][] {
  const codes = new Set<ErrorCode>([...commonErrors, ...(row.body ? bodyErrors : []), ...row.errors])
  if (row.method === 'POST') codes.add('idempotency_mismatch')
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes) {
    const status = errorCodes[code].status
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return [...byStatus].sort(([a], [b]) => a - b)
}

function resourceOf(id: string) {
  return id.slice(0, id.indexOf('.'))
}

function scopeList() {
  return Object.entries(productScopes).map(([scope, allows]) => `\`${scope}\` ${allows}`).join('\n')
}
