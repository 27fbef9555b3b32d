import { type EnvironmentId, newId } from '@letterlock/contract'
import { afterAll, beforeEach, expect, test } from 'vitest'
import * as emails from './emails.ts'
import { createTestDatabase } from './testing.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const now = new Date('2026-11-22T10:00:00.000Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000)
let environmentId: EnvironmentId

beforeEach(async () => {
  await db.deleteFrom('emails').execute()
  environmentId = newId('environment')
  const workspaceId = newId('workspace')
  await db.insertInto('workspaces').values({ id: workspaceId, name: 'W', status: 'active', created_at: now, updated_at: now }).execute()
  await db.insertInto('environments').values({ id: environmentId, workspace_id: workspaceId, mode: 'live', created_at: now }).execute()
})

async function queue() {
  const id = newId('email')
  await db.transaction().execute((tx) =>
    emails.insertEmail(tx, environmentId, {
      id, now, from_mailbox: 'a@acme.example', recipients: ['b@people.example'], recipient_keys: ['b@people.example'], subject: 'S', html: null, text: 'T',
      reply_to: null, headers: { 'X-A': 'b' }, tags: ['t'], state: 'queued', reason: null,
    }))
  return id
}

const claim = (owner: string, limit = 10) => emails.claimEmails(db, { mode: 'live', limit, owner, leaseUntil: later(15), now })
const begin = (owner: string, id: Awaited<ReturnType<typeof queue>>, claimed = 1) =>
  emails.beginEmailAttempt(db, environmentId, { id, claim: claimed, messageId: '<a@acme.example>', owner, leaseUntil: later(15) })
const sent = { claim: 1, state: 'sent', reason: null, nextAttemptAt: null, refund: false, sentAt: now } as const

test('claimEmails() never leases an e-mail twice, and reads what was stored', async () => {
  const ids = [await queue(), await queue(), await queue()]
  const claims = await Promise.all([claim('a', 2), claim('b', 2)])
  expect(claims.flat().map(({ id }) => id).toSorted()).toEqual(ids)
  expect(claims.flat()[0]).toMatchObject({ headers: { 'X-A': 'b' }, recipients: ['b@people.example'], html: null, text: 'T', attempts: 0 })
  expect(await emails.claimEmails(db, { mode: 'test', limit: 10, owner: 'c', leaseUntil: later(15), now })).toEqual([])
})

test('beginEmailAttempt() refuses a sender whose lease passed to another one', async () => {
  const id = await queue()
  await claim('slow')
  await emails.expireEmailLeases(db, later(16))
  await claim('quick')
  expect(await begin('slow', id)).toBe(false)
  expect(await begin('quick', id, 2)).toBe(true)
})

test('expireEmailLeases() never queues an attempted e-mail again; its owner may still tell how it ended', async () => {
  const id = await queue()
  await claim('a')
  await begin('a', id)
  await emails.extendEmailLeases(db, 'a', { rows: [{ environmentId, id }], leaseUntil: later(30) })
  await emails.expireEmailLeases(db, later(29))
  expect((await emails.findEmail(db, environmentId, id))?.state).toBe('attempting')
  await emails.expireEmailLeases(db, later(31))
  expect((await emails.findEmail(db, environmentId, id))?.state).toBe('unknown')
  expect(await claim('b')).toEqual([])
  await emails.writeEmailResult(db, environmentId, { id, owner: 'b', ...sent })
  expect((await emails.findEmail(db, environmentId, id))?.state).toBe('unknown')
  await emails.writeEmailResult(db, environmentId, { id, owner: 'a', ...sent })
  expect(await emails.findEmail(db, environmentId, id)).toMatchObject({ state: 'sent', sent_at: now, message_id: '<a@acme.example>' })
})

test('writeEmailResult() repeated after a lost answer does not touch the attempt that came after it', async () => {
  const id = await queue()
  const refunded = { ...sent, id, owner: 'a', state: 'queued', refund: true, sentAt: null, nextAttemptAt: now } as const
  await claim('a')
  await begin('a', id)
  await emails.writeEmailResult(db, environmentId, refunded)
  await claim('a')
  await begin('a', id, 2)
  await emails.writeEmailResult(db, environmentId, refunded)
  await emails.writeEmailResult(db, environmentId, { id, owner: 'a', ...sent, claim: 2 })
  expect(await emails.findEmail(db, environmentId, id)).toMatchObject({ state: 'sent', attempts: 1 })
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((line) => line.includes('emails') && !line.startsWith('delete')).map((line) => line.replace(/\s+/g, ' ').trim())
  await expect(`${ours.toSorted().join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/emails.sql')
})
