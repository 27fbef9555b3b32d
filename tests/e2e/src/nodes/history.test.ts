import { expect, test } from 'vitest'
import { judge, type Trial } from './history.ts'
import type { Probe } from './probes.ts'

const rules = { accepted: 200, refused: { status: 401, code: 'revoked_key' }, probedForMs: 1_200 }

/** A request every 10 ms for 1.5 s; the change is called at 200, answered at 210. */
function trial(acceptedUntil: readonly number[], spoil: (probe: Probe) => void = () => undefined): Trial {
  const probes = acceptedUntil.flatMap((until, node) => Array.from({ length: 150 }, (_, i): Probe => {
    const sentAt = i * 10
    const answer = sentAt <= until ? { status: 200 } : { status: 401, code: 'revoked_key' }
    return { node, sentAt, answeredAt: sentAt + 1, ...answer }
  }))
  probes.forEach(spoil)
  return { name: 'a trial', changedAt: 200, answeredAt: 210, probes, nodes: acceptedUntil.length }
}

test('judge() measures from the answer to the last request that was sent and accepted, on the slowest node', () => {
  const verdict = judge(trial([200, 250, 210]), rules)
  expect(verdict).toMatchObject({ lagMs: 40, lagFromCallMs: 50, lagByNode: [0, 40, 0], wronglyAccepted: 4, faults: [] })
})

test('judge() counts a request by when it was sent, not by when it was answered', () => {
  const late = judge(trial([200], (probe) => void (probe.sentAt === 200 && (probe.answeredAt = 700))), rules)
  expect(late.lagMs).toBe(0)
})

test('judge() finds one late accept among refusals', () => {
  const verdict = judge(trial([200], (probe) => void (probe.sentAt === 1_300 && (probe.status = 200))), rules)
  expect(verdict).toMatchObject({ lagMs: 1_090, wronglyAccepted: 1 })
})

test('judge() does not believe a trial that proves nothing', () => {
  const tooShort = 'node 1: was not asked long enough after the answer'
  expect(judge(trial([-1]), rules).weaknesses).toEqual(['node 1: accepted nothing before the change'])
  expect(judge({ ...trial([200]), probes: [] }, rules).weaknesses).toContain(tooShort)
  expect(judge({ ...trial([200]), answeredAt: 400 }, rules).weaknesses).toEqual([tooShort])
  const out = trial([200], (probe) => void (probe.sentAt === 500 && Object.assign(probe, { status: 503, code: 'not_fresh' })))
  expect(judge(out, rules)).toMatchObject({ faults: [], weaknesses: ['node 1: answered 503 1 times'] })
})

test('judge() finds refusals for another reason, and a key that is never refused', () => {
  const other = trial([200], (probe) => void (probe.sentAt === 500 && (probe.code = 'invalid_key')))
  expect(judge(other, rules).faults).toEqual(['node 1: answered 401 invalid_key'])
  const broken = trial([200], (probe) => void (probe.sentAt === 500 && Object.assign(probe, { status: 500, code: 'internal' })))
  expect(judge(broken, rules).faults).toEqual(['node 1: answered 500 internal'])
  expect(judge(trial([2_000]), rules)).toMatchObject({ lagMs: 1_280, weaknesses: ['node 1: did not refuse in the end but answered 200'] })
})

test('judge() says how long a node was not asked', () => {
  const holed = trial([200])
  const probes = holed.probes.filter(({ sentAt }) => sentAt < 300 || sentAt > 600)
  expect(judge({ ...holed, probes }, rules).widestGapMs).toBe(320)
})
