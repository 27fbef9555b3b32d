import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MailboxStore } from './mailbox-store.ts'

let directory: string
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'letterlock-mailbox-'))))
afterEach(() => rmSync(directory, { recursive: true }))

function message(id: string, to = 'b@example.com', raw = `Subject: ${id}\r\n\r\nline\n`) {
  return { id, from: 'a@example.com', to: [to], receivedAt: '2026-11-22T00:00:00.000Z', raw: Buffer.from(raw) }
}
const all = { to: undefined, after: undefined, limit: 100 }

describe('MailboxStore', () => {
  test('has its messages, byte for byte, after it was opened again', () => {
    const first = new MailboxStore(directory)
    first.append(message('1'))
    first.append(message('2', 'c@example.com', 'x'.repeat(10_000)))
    first.close()
    const second = new MailboxStore(directory)
    expect(second.list(all).map(({ id }) => id)).toEqual(['2', '1'])
    const found = second.find('1')
    expect(found && second.read(found).toString()).toBe('Subject: 1\r\n\r\nline\n')
    second.close()
  })

  test('cuts off a message that was torn by a crash, and goes on behind the whole ones', () => {
    const file = join(directory, 'messages')
    const first = new MailboxStore(directory)
    first.append(message('1'))
    const whole = statSync(file).size
    first.append(message('2'))
    first.close()
    for (const size of [statSync(file).size - 1, whole + 10]) {
      truncateSync(file, size)
      const reopened = new MailboxStore(directory)
      expect(reopened.list(all).map(({ id }) => id)).toEqual(['1'])
      expect(statSync(file).size).toBe(whole)
      reopened.append(message('2'))
      reopened.close()
    }
    appendFileSync(file, 'not json without an end')
    const store = new MailboxStore(directory)
    expect(store.count).toBe(2)
    store.close()
  })

  test('filters by recipient and pages newest first', () => {
    const store = new MailboxStore(directory)
    for (let i = 1; i <= 5; i++) store.append(message(String(i), i % 2 ? 'odd@example.com' : 'even@example.com'))
    const page = (after?: string) => store.list({ to: 'Odd@example.com', after, limit: 2 }).map(({ id }) => id)
    expect([page(), page('3')]).toEqual([['5', '3'], ['1']])
    store.clear()
    expect(store.list(all)).toEqual([])
    store.close()
  })
})
