import { expect, test } from 'vitest'
import { operationIds, operations } from './operation-table.ts'
import { operationsOfPath } from './operations-of-path.ts'

test('operationsOfPath() finds the operations of a template, one for each method', () => {
  expect(operationsOfPath('/v1/contacts/{idOrEmail}')).toEqual(['contacts.get', 'contacts.update', 'contacts.upsert', 'contacts.delete'])
  for (const id of operationIds) expect(operationsOfPath(`/v1${operations[id].path}`)).toContain(id)
})

test('operationsOfPath() finds them by a path as it was sent, with query, with or without /v1', () => {
  const expected = operationsOfPath('/v1/contacts/{idOrEmail}')
  for (const path of ['/v1/contacts/ada@example.com', '/contacts/ada@example.com', '/v1/contacts/con_1/', '/v1/contacts/x?y=1/2']) {
    expect([path, operationsOfPath(path)]).toEqual([path, expected])
  }
})

test('operationsOfPath() prefers fixed parts to parameters', () => {
  expect(operationsOfPath('/v1/contacts/batch')).toEqual(['contacts.batch'])
})

test('operationsOfPath() is empty for what no operation has', () => {
  for (const path of ['', '/', '/v1', '/v1/', 'contacts', '/v1/contacts//', '/v2/contacts', '/v1/contacts/a/b/c', '//contacts']) {
    expect([path, operationsOfPath(path)]).toEqual([path, []])
  }
})
