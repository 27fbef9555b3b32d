import { createTestDatabase } from '@letterlock/db/testing'
import { letterlockKeys } from '@letterlock/keys'
import type { Proof } from '@letterlock/verifier'
import pino from 'pino'
import { afterAll, expect, test } from 'vitest'
import { openExposedReports } from './report-exposed.ts'

const { db, drop } = await createTestDatabase()
afterAll(drop)

/** Reports on a store whose reads end when they are told to. */
function rig(bounds = {}) {
  const reads: { token: string; end: (answer?: Error) => void }[] = []
  const lines: { msg: string }[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const proveToken = ({ token }: { token: string }) =>
    new Promise<Proof>((resolve, reject) => {
      reads.push({ token, end: (answer) => (answer ? reject(answer) : resolve({ revision: 1, key: null })) })
    })
  return { reads, lines, ...openExposedReports({ db, keyFormat: letterlockKeys, proveToken, clock: () => new Date(), log }, bounds) }
}

const made = (count: number) => Array.from({ length: count }, () => letterlockKeys.issue({ mode: 'live' }).token)

test('reportExposed() reads a few at once, each made-up key once, and drops what is beyond its bound', async () => {
  const { reads, lines, reportExposed, stop } = rig({ atOnce: 2, waiting: 3 })
  const tokens = made(10)
  for (const token of [...tokens, ...tokens.slice(2, 5)]) reportExposed(token)
  expect(reads.map(({ token }) => token)).toEqual(tokens.slice(0, 2))
  const stopped = stop()
  for (let index = 0; index < 5; index++) {
    await expect.poll(() => reads.length).toBeGreaterThan(index)
    expect(reads.length).toBeLessThanOrEqual(index + 2)
    reads[index]?.end()
  }
  await stopped
  expect(reads.map(({ token }) => token)).toEqual(tokens.slice(0, 5))
  expect(lines).toMatchObject([{ dropped: 5, failed: 0 }])
})

test('reportExposed() logs a failure, and reports what comes after it', async () => {
  const { reads, lines, reportExposed, stop } = rig()
  for (const token of made(3)) reportExposed(token)
  reads[0]?.end(new Error('the store is out'))
  reads[1]?.end(new Error('the store is out'))
  await expect.poll(() => reads.length).toBe(3)
  reads[2]?.end()
  await stop()
  expect(lines).toMatchObject([{ dropped: 0, failed: 2, err: { message: 'the store is out' } }])
})
