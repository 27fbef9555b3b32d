import { newId } from '@letterlock/contract'
import { describe, expect, test } from 'vitest'
import type { RecordedUse } from './recorded-use.ts'
import { attemptBounds } from './usage-attempts.ts'
import { type UsageBatch, UsageBuffer, type UsageBufferOptions } from './usage-buffer.ts'

const at = new Date('2026-11-22T09:30:12.345Z')
const later = (ms: number) => new Date(at.getTime() + ms)
const key = { keyId: newId('key'), environmentId: newId('environment') }

function use(more: Partial<RecordedUse> = {}): RecordedUse {
  return {
    requestId: newId('request'), key, secretVersion: 1, operation: 'contacts.get', outcome: 'ok', status: 200, now: at,
    durationMs: 1.5, ip: '192.0.2.7', userAgent: 'curl/8', ...more,
  }
}

/** A buffer on a store in memory that can be out, and can commit without being able to say so. */
function rig(options: Partial<UsageBufferOptions> = {}) {
  const saved = new Map<string, UsageBatch>()
  const tries: string[] = []
  const state = { out: false as boolean | 'after commit', ms: 0 }
  const buffer = new UsageBuffer({
    async save(batch) {
      tries.push(batch.batchId)
      await Promise.resolve()
      if (state.out === true) throw new Error('the store is out')
      if (!saved.has(batch.batchId)) saved.set(batch.batchId, structuredClone(batch))
      if (state.out === 'after commit') throw new Error('the connection broke')
    },
    newBatchId: () => newId('request'),
    monotonic: () => state.ms,
    ...options,
  })
  const batches = () => [...saved.values()]
  return {
    buffer, state, tries, batches,
    counts: () => batches().flatMap(({ counts }) => counts),
    recordIds: () => batches().flatMap(({ records }) => records.flatMap(({ requestIds }) => requestIds)),
    lastUses: () => batches().flatMap(({ lastUses }) => lastUses),
    attempts: () => batches().flatMap(({ attempts }) => attempts),
  }
}

describe('UsageBuffer', () => {
  test.each(['revoked_key', 'insufficient_scope', 'rate_limited'])('counts all requests that are refused as %s, and records ten of a key in a minute', async (outcome) => {
    const { buffer, counts, recordIds } = rig()
    for (let index = 0; index < 1_000; index++) {
      buffer.record(use({ outcome, status: 401, now: later(index % 2) }))
      if (index % 100 === 0) await buffer.flush()
    }
    buffer.record(use({ outcome, now: later(60_000) }))
    buffer.record(use())
    await buffer.flush()
    expect(counts().reduce((sum, { requests }) => sum + requests, 0)).toBe(1_002)
    expect(counts().reduce((sum, { dropped }) => sum + dropped, 0)).toBe(990)
    expect(recordIds()).toHaveLength(12)
  })

  test('saves what was recorded, counted by minute, in one batch', async () => {
    const { buffer, batches } = rig()
    const first = use()
    buffer.record(first)
    buffer.record(use({ outcome: 'not_found', status: 404, userAgent: 'x'.repeat(300), secretVersion: null }))
    buffer.record(use({ now: later(60_000) }))
    buffer.record(use())
    expect(buffer.state()).toEqual({ requests: 4, counts: 3, records: 4, attempts: 0, dropped: 0 })
    await buffer.flush()
    expect(buffer.state()).toEqual({ requests: 0, counts: 0, records: 0, attempts: 0, dropped: 0 })
    const [batch] = batches()
    const minute = new Date('2026-11-22T09:30:00.000Z')
    expect(batch?.counts.map((count) => [count.outcome, count.minute.getTime() - minute.getTime(), count.requests])).toEqual([
      ['ok', 0, 2], ['not_found', 0, 1], ['ok', 60_000, 1],
    ])
    expect(batch?.records).toHaveLength(1)
    expect(batch?.records[0]).toMatchObject({
      statuses: [200, 404, 200, 200], secretVersions: [1, 0, 1, 1], durationsUs: [1_500, 1_500, 1_500, 1_500],
      ips: Array(4).fill('192.0.2.7'), userAgents: ['curl/8', 'x'.repeat(200), 'curl/8', 'curl/8'],
    })
    expect(batch?.records[0]?.requestIds[0]).toBe(first.requestId)
    await buffer.flush()
    expect(batches()).toHaveLength(1)
  })

  test('tries a batch again under its id until it is saved, and counts it once', async () => {
    const { buffer, state, tries, recordIds, counts } = rig()
    const uses = Array.from({ length: 4 }, () => use())
    buffer.record(uses[0] ?? use())
    state.out = 'after commit'
    await expect(buffer.flush()).rejects.toThrow('the connection broke')
    buffer.record(uses[1] ?? use())
    state.out = true
    await expect(buffer.flush()).rejects.toThrow('the store is out')
    buffer.record(uses[2] ?? use())
    state.out = false
    const flushed = buffer.flush()
    buffer.record(uses[3] ?? use())
    await flushed
    await buffer.flush({ final: true })
    expect(tries[0]).toBe(tries[1])
    expect(tries[1]).toBe(tries[2])
    expect(new Set(recordIds())).toEqual(new Set(uses.map(({ requestId }) => requestId)))
    expect(recordIds()).toHaveLength(4)
    expect(counts().reduce((sum, { requests }) => sum + requests, 0)).toBe(4)
  })

  test('drops the oldest records while the store is out, counts them, and keeps the counters', async () => {
    const { buffer, state, recordIds, counts } = rig({ maxRecords: 100, recordsPerPart: 10 })
    const uses = Array.from({ length: 350 }, (_, index) => use({ now: later(index * 1_000) }))
    state.out = true
    for (const [index, one] of uses.entries()) {
      buffer.record(one)
      if (index % 30 === 0) await expect(buffer.flush()).rejects.toThrow('the store is out')
      expect(buffer.state().records).toBeLessThanOrEqual(100)
    }
    const { dropped, requests, records } = buffer.state()
    expect(requests).toBe(350)
    expect(records + dropped).toBe(350)
    expect(records).toBeGreaterThan(90)
    state.out = false
    await buffer.flush()
    expect(recordIds()).toEqual(uses.slice(-records).map(({ requestId }) => requestId))
    expect(counts().reduce((sum, count) => sum + count.requests, 0)).toBe(350)
    expect(counts().reduce((sum, count) => sum + count.dropped, 0)).toBe(dropped)
  })

  test('leaves a batch alone that is being saved', async () => {
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const seen: number[] = []
    const buffer = new UsageBuffer({
      async save({ records }) {
        begun.resolve()
        await gate.promise
        seen.push(records.reduce((sum, { times }) => sum + times.length, 0))
      },
      newBatchId: () => newId('request'), maxRecords: 20, recordsPerPart: 5,
    })
    for (let index = 0; index < 20; index++) buffer.record(use())
    const flushed = buffer.flush()
    await begun.promise
    for (let index = 0; index < 20; index++) buffer.record(use())
    expect(buffer.state().records).toBe(20)
    gate.resolve()
    await flushed
    expect(seen).toEqual([20])
    expect(buffer.state()).toMatchObject({ dropped: 20, requests: 20 })
  })

  test('keeps counters by hour when there are too many by minute', async () => {
    const { buffer, state, counts } = rig({ maxCounts: 10 })
    state.out = true
    for (let minute = 0; minute < 600; minute++) buffer.record(use({ now: later(minute * 60_000) }))
    expect(buffer.state().counts).toBe(10 + 11) // eleven hours begin in that time
    expect(buffer.state().requests).toBe(600)
    state.out = false
    await buffer.flush()
    expect(counts().reduce((sum, { requests }) => sum + requests, 0)).toBe(600)
  })

  test('hands over the last use of a key every ten seconds at most, and at the end', async () => {
    const { buffer, state, lastUses } = rig()
    for (let second = 0; second < 25; second++) {
      state.ms = second * 1_000
      buffer.record(use({ now: later(second * 1_000), ip: `192.0.2.${second}` }))
      await buffer.flush()
    }
    expect(lastUses().map(({ ip }) => ip)).toEqual(['192.0.2.0', '192.0.2.10', '192.0.2.20'])
    await buffer.flush({ final: true })
    expect(lastUses().at(-1)).toEqual({ keyId: key.keyId, secretVersion: 1, at: later(24_000), ip: '192.0.2.24' })
    await buffer.flush({ final: true })
    expect(lastUses()).toHaveLength(4)
  })

  test('hands over a last use when no request comes after it', async () => {
    const { buffer, state, lastUses } = rig()
    buffer.record(use())
    await buffer.flush()
    buffer.record(use({ now: later(1_000) }))
    await buffer.flush()
    expect(lastUses()).toHaveLength(1)
    state.ms = 10_000
    await buffer.flush()
    expect(lastUses().at(-1)?.at).toEqual(later(1_000))
  })

  test('notes the latest use of each secret version, in whatever order, and none that was refused', async () => {
    const { buffer, lastUses } = rig()
    const used = (ms: number, more: Partial<RecordedUse>) => buffer.record(use({ now: later(ms), ...more }))
    used(5, { secretVersion: 1, ip: 'a' })
    used(3, { secretVersion: 1, ip: 'b' })
    used(4, { secretVersion: 2, ip: 'c' })
    used(9, { outcome: 'expired_key', status: 401 })
    used(9, { outcome: 'insufficient_scope', status: 403 })
    used(6, { secretVersion: 2, ip: 'd', outcome: 'rate_limited', status: 429 })
    await buffer.flush()
    expect(lastUses()).toEqual([
      { keyId: key.keyId, secretVersion: 1, at: later(5), ip: 'a' },
      { keyId: key.keyId, secretVersion: 2, at: later(6), ip: 'd' },
    ])
  })
})

describe('UsageBuffer, of requests without a proven key', () => {
  const attempt = (more: Partial<RecordedUse> = {}) => use({ key: null, outcome: 'invalid_key', status: 401, ...more })

  test('counts them by source, reason and claimed key, and keeps no record', async () => {
    const { buffer, batches, attempts } = rig()
    const claimedKeyId = newId('key')
    buffer.record(attempt({ claimedKeyId }))
    buffer.record(attempt({ claimedKeyId, now: later(5) }))
    buffer.record(attempt({ claimedKeyId: 'key_<script>' }))
    buffer.record(attempt({ outcome: 'missing_key' }))
    await buffer.flush()
    const common = { minute: new Date('2026-11-22T09:30:00.000Z'), sourceIp: '192.0.2.7' }
    expect(attempts()).toEqual([
      { ...common, reason: 'invalid_key', claimedKeyId, attempts: 2, lastAt: later(5) },
      { ...common, reason: 'invalid_key', claimedKeyId: null, attempts: 1, lastAt: at },
      { ...common, reason: 'missing_key', claimedKeyId: null, attempts: 1, lastAt: at },
    ])
    expect(batches()[0]).toMatchObject({ counts: [], records: [], lastUses: [] })
  })

  test('keeps so many rows of a source and so many sources in a minute, however often it saves', async () => {
    const { buffer, attempts } = rig({ attempts: { ...attemptBounds, rowsPerSource: 4, sourcesPerMinute: 3 } })
    for (let index = 0; index < 200; index++) {
      buffer.record(attempt({ claimedKeyId: newId('key'), ip: `198.51.100.${index % 10}` }))
      if (index % 7 === 0) await buffer.flush()
    }
    await buffer.flush()
    const rows = new Map<string, Set<string>>()
    for (const { sourceIp, reason, claimedKeyId } of attempts()) {
      rows.set(sourceIp, (rows.get(sourceIp) ?? new Set()).add(`${reason} ${claimedKeyId}`))
    }
    expect([...rows.keys()].toSorted()).toEqual(['198.51.100.0', '198.51.100.1', 'other'])
    expect([...rows.values()].map(({ size }) => size).toSorted()).toEqual([1, 4, 4])
    expect(attempts().reduce((sum, row) => sum + row.attempts, 0)).toBe(200)
  })

  test('keeps no more rows in a minute than it may, of however many sources', async () => {
    const { buffer, attempts } = rig({ attempts: { ...attemptBounds, rowsPerMinute: 30 } })
    for (let index = 0; index < 900; index++) buffer.record(attempt({ claimedKeyId: newId('key'), ip: `198.51.100.${index % 90}` }))
    await buffer.flush()
    const rows = attempts()
    expect(rows.filter(({ reason }) => reason === 'invalid_key')).toHaveLength(30)
    expect(rows.length).toBeLessThanOrEqual(30 + 90) // each source has one row for all the rest
    expect(rows.reduce((sum, row) => sum + row.attempts, 0)).toBe(900)
  })

  test('takes an IPv6 network for one source, and a mapped address for what it means', async () => {
    const { buffer, attempts } = rig()
    for (const ip of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:db8:1:3::1', '::ffff:192.0.2.7', '192.0.2.7', 'nonsense']) buffer.record(attempt({ ip }))
    await buffer.flush()
    expect(attempts().map((row) => [row.sourceIp, row.attempts])).toEqual([
      ['2001:db8:1:2::/64', 2], ['2001:db8:1:3::/64', 1], ['192.0.2.7', 2], ['other', 1],
    ])
  })

  test('begins anew with each minute', async () => {
    const { buffer, attempts } = rig({ attempts: { ...attemptBounds, rowsPerSource: 2, sourcesPerMinute: 2 } })
    for (let minute = 0; minute < 3; minute++) buffer.record(attempt({ now: later(minute * 60_000), ip: `192.0.2.${minute}` }))
    await buffer.flush()
    expect(attempts().map(({ sourceIp }) => sourceIp)).toEqual(['192.0.2.0', '192.0.2.1', '192.0.2.2'])
  })

  test('keeps few rows while the store is out for long', async () => {
    const { buffer, state, attempts } = rig({ attempts: { ...attemptBounds, rows: 50 } })
    state.out = true
    for (let index = 0; index < 1_000; index++) buffer.record(attempt({ now: later(index * 6_000), ip: `192.0.${index % 100}.7` }))
    expect(buffer.state().attempts).toBeLessThanOrEqual(150) // and one for each of the hundred minutes
    state.out = false
    await buffer.flush()
    expect(attempts().reduce((sum, row) => sum + row.attempts, 0)).toBe(1_000)
  })
})
