import { expect, test } from 'vitest'
import { crashCampaign, type Victim } from './crash-campaign.ts'
import { faultsOf } from './crash-faults.ts'

test.each<Victim>(['server', 'both'])('a campaign of 2 000 survives five kills of %s: nobody twice, nobody missing unseen', async (victim) => {
  const report = await crashCampaign({ recipients: 2_000, kills: 5, victim })
  expect(faultsOf(report), JSON.stringify(report)).toEqual([])
  expect(report.readyMs).toHaveLength(6)
  expect(report.orphansStopped).toBe(victim === 'server' ? 5 : 0)
})

test('a campaign that five orderly stops interrupt leaves nobody unknown', async () => {
  const report = await crashCampaign({ recipients: 2_000, kills: 5, victim: 'nobody' })
  expect(faultsOf(report), JSON.stringify(report)).toEqual([])
  expect(report.stats.unknown).toBe(0)
})

test('faultsOf() sees each broken promise', async () => {
  const sound = {
    audience: 10, kills: 1, contactsBefore: 10, contactsAfter: 10, twice: [], disagreements: [], readyMs: [], orphansStopped: 0,
    stats: { sent: 8, failed: 0, suppressed: 1, unknown: 1, queued: 0, sending: 0 },
  }
  expect(faultsOf(sound)).toEqual([])
  const broken = [
    { twice: ['a@example.com'] }, { disagreements: ['a is sent and got 0'] }, { audience: 11 }, { contactsAfter: 9 },
    { stats: { ...sound.stats, sent: 7 } }, { stats: { ...sound.stats, queued: 1 } }, { stats: { ...sound.stats, sent: 0, unknown: 1_009 }, audience: 1_010, contactsBefore: 1_010, contactsAfter: 1_010 },
  ]
  expect(broken.map((change) => faultsOf({ ...sound, ...change }).length > 0)).toEqual(broken.map(() => true))
})
