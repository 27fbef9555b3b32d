import { type Operation, operationIds, operations } from '@letterlock/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { changedAt, freeStringAt, freeStringsOf, textsIn } from './free-strings.ts'
import { makeThings, type Sample, samples, type Things } from './operation-samples.ts'
import { startTestServer, type TestAnswer, type TestServer } from './test-server.ts'

let server: TestServer
let things: Things
beforeAll(async () => {
  server = await startTestServer()
  things = await makeThings(server, server.liveKey)
})
afterAll(() => server.stop())

const nowhere: Things = { contactId: 'con_x', email: 'x@example.com', propertyKey: 'x', listId: 'lst_x', campaignId: 'cmp_x', emailId: 'eml_x' }
const bodies = operationIds.filter((id) => freeStringsIn(id, 'body').length > 0)
const queries = operationIds.flatMap((id) => freeStringsIn(id, 'query').map(({ path, maxLength }) => ({ id, name: path, maxLength })))
const paths = operationIds.filter((id) => freeStringsIn(id, 'params').length > 0)

function freeStringsIn(id: keyof typeof operations, part: 'params' | 'query' | 'body') {
  const row: Operation = operations[id]
  const schema: z.ZodType | undefined = row[part]
  return schema ? freeStringsOf(schema) : []
}

function fullBodies(id: keyof typeof operations, of: Things): readonly unknown[] {
  const sample: Sample = samples[id]
  return sample.full?.(of) ?? []
}

function refusedAt(answer: TestAnswer, path: string) {
  expect([answer.status, answer.body?.code], answer.text).toEqual([400, 'invalid_request'])
  expect(answer.body.issues.map((issue: { path: string }) => issue.path)).toContain(path)
}

test('most operations take free strings', () => {
  expect([bodies.length, queries.length, paths.length]).toEqual([14, 11, 20])
})

describe.each(bodies)('the body of %s', (id) => {
  const { method } = operations[id]
  const sample: Sample = samples[id]
  const strings = freeStringsIn(id, 'body')
  const send = (body: unknown) => server.call(method, sample.path(things), { body })

  test('has a full sample', () => {
    const filled = fullBodies(id, nowhere).flatMap((body) => textsIn(body).flatMap((path) => freeStringAt(strings, path)?.path ?? [])) // a choice of an enumeration is no free string
    expect([...new Set(filled)].sort()).toEqual([...new Set(strings.map(({ path }) => path))].sort())
  })

  const places = fullBodies(id, nowhere).flatMap((body, i) => textsIn(body).map((path) => [path.join('.'), path, i] as const))
  describe.each(places)('%s', (name, path, i) => {
    const spoil = (change: (text: string) => string) => send(changedAt(fullBodies(id, things)[i], path, change))

    test.each(['\0', '\ud800', '\udc00'])('with %j inside is refused', async (unit) => {
      refusedAt(await spoil((text) => text.slice(0, 1) + unit + text.slice(1)), name)
    })

    test('that is too long is refused', async () => {
      const { maxLength = 10_000 } = freeStringAt(strings, path) ?? {}
      refusedAt(await spoil((text) => text.padEnd(maxLength + 1, 'x')), name)
    })
  })
})

test.each(queries)('$name of the query of $id is refused with NUL, with broken UTF-8 or too long', async ({ id, name, maxLength = 10_000 }) => {
  const sample: Sample = samples[id]
  const [path = ''] = sample.path(things).split('?')
  for (const value of ['a%00b', '%00', '%ED%A0%80', 'x'.repeat(Math.min(maxLength + 1, 10_000))]) {
    refusedAt(await server.call('GET', `${path}?${name}=${value}`), name)
  }
})

test.each(paths)('the path of %s is refused with NUL or too long', async (id) => {
  const { method } = operations[id]
  const sample: Sample = samples[id]
  const [name = ''] = freeStringsIn(id, 'params').map(({ path }) => path)
  const body = sample.body?.(things)
  const [, resource, , ...rest] = sample.path(things).split('/')
  for (const value of ['%00', 'a%00b', 'x'.repeat(10_000)]) {
    refusedAt(await server.call(method, ['', resource, value, ...rest].join('/'), { body }), name)
  }
})
