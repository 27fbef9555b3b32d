import type { PlanId } from '@letterlock/contract'
import { expect, test } from 'vitest'
import { mostFor, usageLine } from './statement-lines.ts'

const month = { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2026-12-01T00:00:00Z') }

test('mostFor() is the most that costs no more than the amount: one unit more would', () => {
  for (const meter of ['emails.sent', 'contacts.stored']) {
    for (const from of [month.from, new Date('2026-11-17T10:11:12.345Z'), new Date('2026-11-30T23:59:59.999Z')]) {
      for (const [price, per] of [[1, 1], [3, 1], [50, 1_000], [7, 9], [1, 1_000_000_000], [1_000_000_000_000, 1], [2, 3]] as const) {
        for (const amount of [0, 1, 2, 99, 100, 12_345, 999_999_999]) {
          const span = { planId: 'plan' as PlanId, planName: 'Pro', from, to: month.to, price: 0, currency: 'EUR', included: { [meter]: 1_000 }, overage: { [meter]: { price, per } } }
          const use = { span, meter, isLevel: meter === 'contacts.stored' }
          const most = mostFor(amount, use, month)
          expect(usageLine({ ...use, used: most }, month).amount).toBeLessThanOrEqual(amount)
          if (most < Number.MAX_SAFE_INTEGER) expect(usageLine({ ...use, used: most + 1 }, month).amount).toBeGreaterThan(amount)
        }
      }
    }
  }
})
