import { expect, test } from 'vitest'
import { z } from 'zod'
import { events, eventTypes } from './event-table.ts'

test('every event is named by a noun and what happened to it', () => {
  expect(eventTypes.filter((type) => !/^(contact|campaign|email|key|quota|spend)\.[a-z]+(_[a-z]+)?$/.test(type))).toEqual([])
  expect(new Set(eventTypes).size).toBe(Object.keys(events).length)
})

test('no event may carry a key: there is no field for one', () => {
  const fields = eventTypes.flatMap((type) => Object.keys(z.toJSONSchema(events[type], { io: 'output' }).properties ?? {}))
  expect(fields.filter((name) => /^(secret|key|token|digest|password)$/i.test(name))).toEqual([])
})
