import { describe, expect, test } from 'vitest'
import { findUnusual } from './find-unusual.ts'
import { dayMs, type Habits, hourMs, learn, type Observation } from './habits.ts'

const start = Date.UTC(2026, 9, 1)
const [home, away] = ['192.0.2.0/24', '203.0.113.0/24']

function seen(at: number, change: Partial<Omit<Observation, 'networks'>> & { networks?: Record<string, number> } = {}): Observation {
  const networks = new Map(Object.entries(change.networks ?? { [home]: change.requests ?? 10 }))
  const requests = [...networks.values()].reduce((sum, each) => sum + each, 0)
  return { from: at, to: at + 600_000, requests, refused: { requests: 0, operations: [] }, ...change, networks }
}

/** Ten requests a day for so many days, at noon. */
function habitsOf(days: number, change: (day: number) => Parameters<typeof seen>[1] = () => ({})): Habits {
  let habits: Habits | null = null
  for (let day = 0; day < days; day++) habits = learn(habits, seen(start + day * dayMs + 12 * hourMs, change(day)))
  if (!habits) throw new Error('no days')
  return habits
}

const at = (day: number, hours = 15) => start + day * dayMs + hours * hourMs
const kindsOf = (habits: Habits | null, observation: Observation) => findUnusual(habits, observation).map(({ kind }) => kind)

describe('findUnusual()', () => {
  test('says nothing of what is usual, nor of a key that is not known yet', () => {
    expect(findUnusual(habitsOf(20), seen(at(20)))).toEqual([])
    expect(findUnusual(null, seen(at(0), { networks: { [away]: 1_000 } }))).toEqual([])
    expect(kindsOf(habitsOf(7), seen(at(6, 20), { networks: { [away]: 1_000 } }))).toEqual([])
    expect(kindsOf(habitsOf(2), seen(at(10), { networks: { [away]: 1_000 } }))).toEqual([])
  })

  test('tells of a network that is new, with its evidence, and only once', () => {
    const habits = habitsOf(20)
    const observation = seen(at(20), { networks: { [away]: 3 } })
    expect(findUnusual(habits, observation)).toEqual([{
      kind: 'key.new_network', explanation: `The key was used from ${away}; in 20 days it came from a new network never.`,
      evidence: { network: away, requests: 3, days: 20, newNetworkDays: 0, knownNetworks: home },
    }])
    expect(kindsOf(learn(habits, observation), seen(at(21), { networks: { [away]: 3 } }))).toEqual([])
  })

  test('tells nothing of new networks of a key that often has some', () => {
    const roaming = habitsOf(30, (day) => ({ networks: { [`10.0.${day}.0/24`]: 1 } }))
    expect(kindsOf(roaming, seen(at(30), { networks: { [away]: 3 } }))).toEqual([])
  })

  test('tells of two places at once, unless that is how the key is used', () => {
    const both = seen(at(20), { networks: { [home]: 5, [away]: 5 } })
    expect(kindsOf(habitsOf(20), both)).toEqual(['key.two_places'])
    const twin = habitsOf(20, () => ({ networks: { [home]: 5, '198.51.100.0/24': 5 } }))
    expect(kindsOf(twin, both)).toEqual(['key.new_network'])
  })

  test('tells of a jump in volume once an hour, when it goes beyond five times the most ever', () => {
    const habits = habitsOf(20, () => ({ requests: 100 }))
    expect(kindsOf(habits, seen(at(20), { requests: 500 }))).toEqual([])
    const first = seen(at(20), { requests: 501 })
    expect(findUnusual(habits, first)).toMatchObject([{ kind: 'key.volume_jump', evidence: { requests: 501, most: 100, days: 20 } }])
    const after = learn(habits, first)
    expect(kindsOf(after, seen(at(20) + 600_000, { requests: 501 }))).toEqual([])
    expect(kindsOf(habitsOf(20, () => ({ requests: 1 })), seen(at(20), { requests: 50 }))).toEqual([])
    expect(kindsOf(habitsOf(20, () => ({ requests: 1 })), seen(at(20), { requests: 51 }))).toEqual(['key.volume_jump'])
  })

  test('adds up the windows of an hour', () => {
    let habits = habitsOf(20, () => ({ requests: 100 }))
    const kinds = []
    for (let turn = 0; turn < 6; turn++) {
      const window = seen(at(20) + turn * 600_000, { requests: 90 })
      kinds.push(...kindsOf(habits, window))
      habits = learn(habits, window)
    }
    expect(kinds).toEqual(['key.volume_jump']) // 540 by the sixth
  })

  test('tells of a use after a month of silence', () => {
    expect(findUnusual(habitsOf(20), seen(at(49)))).toMatchObject([{ kind: 'key.used_after_silence', explanation: 'The key was used again after 30 days of silence.' }])
    expect(kindsOf(habitsOf(20), seen(at(48)))).toEqual([])
  })

  test('tells of scopes that are tried one by one, unless the key always does', () => {
    const refused = { requests: 10, operations: ['lists.create', 'contacts.list', 'emails.send'] }
    expect(kindsOf(habitsOf(20), seen(at(20), { refused }))).toEqual(['key.probing'])
    expect(kindsOf(habitsOf(20), seen(at(20), { refused: { ...refused, requests: 9 } }))).toEqual([])
    expect(kindsOf(habitsOf(20), seen(at(20), { refused: { ...refused, operations: refused.operations.slice(1) } }))).toEqual([])
    expect(kindsOf(habitsOf(20, (day) => (day === 3 ? { refused } : {})), seen(at(20), { refused }))).toEqual([])
  })
})

describe('learn()', () => {
  test('keeps no more than a hundred networks, the latest, and four weeks of peaks', () => {
    const habits = habitsOf(200, (day) => ({ networks: { [`10.0.${day}.0/24`]: day + 1 } }))
    expect(Object.keys(habits.networks)).toHaveLength(100)
    expect(habits.networks['10.0.99.0/24']).toBeUndefined()
    expect([habits.networks['10.0.199.0/24'], habits.peaks.length, habits.peaks.at(-1)?.[1]]).toEqual([at(199, 12) + 600_000, 28, 199])
    expect(JSON.parse(JSON.stringify(habits))).toEqual(habits)
    expect(JSON.stringify(habits).length).toBeLessThan(5_000)
  })
})
