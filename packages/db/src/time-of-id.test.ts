import { newId } from '@letterlock/contract'
import { expect, test } from 'vitest'
import { idMadeAt } from '../test/usage-rig.ts'
import { timeOfId } from './time-of-id.ts'

test('timeOfId() is the millisecond at which an id was made', () => {
  const before = Date.now()
  const time = timeOfId(newId('request'))
  expect([time >= before, time <= Date.now()]).toEqual([true, true])
  for (const at of [0, 1, 1_790_000_000_123, 2 ** 48 - 1]) expect(timeOfId(idMadeAt(at))).toBe(at)
})
