import { expect, test } from 'vitest'
import { deterministicMessageId } from './message-id.ts'

const input = { secret: 'k'.repeat(32), kind: 'campaign', id: 'cmp_1', contactId: 'con_1', domain: 'acme.test' } as const

test('deterministicMessageId() is the same for the same message and differs in each of its parts', () => {
  const id = deterministicMessageId(input)
  expect(id).toMatch(/^<[0-9a-f]{40}@acme\.test>$/)
  expect(deterministicMessageId({ ...input })).toBe(id)
  const { contactId: _, ...without } = input
  const others = [{ ...input, secret: 'x'.repeat(32) }, { ...input, kind: 'email' as const }, { ...input, id: 'cmp_2' }, { ...input, contactId: 'con_2' }, without]
  expect(new Set([id, ...others.map(deterministicMessageId)]).size).toBe(6)
})
