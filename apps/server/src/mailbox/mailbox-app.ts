import { Hono } from 'hono'
import { type AddressObject, simpleParser } from 'mailparser'
import { z } from 'zod'
import type { MailboxStore, StoredMessage } from './mailbox-store.ts'

const query = z.object({
  to: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().optional(),
})

/** The development mailbox over HTTP: what the platform sent, newest first. */
export function mailboxApp(store: MailboxStore): Hono {
  const app = new Hono()
  app.get('/messages', async (c) => {
    const parsed = query.safeParse(c.req.query())
    if (!parsed.success) return c.json({ error: 'limit is 1 to 1000; to and cursor are texts' }, 400)
    const { to, limit, cursor } = parsed.data
    const found = store.list({ to, after: cursor, limit: limit + 1 })
    const shown = found.slice(0, limit)
    const data = await Promise.all(shown.map((message) => readable(store, message)))
    return c.json({ data, nextCursor: found.length > limit ? (shown.at(-1)?.id ?? null) : null })
  })
  app.get('/messages/:id/raw', (c) => {
    const message = store.find(c.req.param('id'))
    if (!message) return c.json({ error: 'there is no such message' }, 404)
    return c.body(new Uint8Array(store.read(message)), 200, { 'content-type': 'message/rfc822' })
  })
  app.delete('/messages', (c) => {
    store.clear()
    return c.body(null, 204)
  })
  return app
}

async function readable(store: MailboxStore, message: StoredMessage) {
  const mail = await simpleParser(store.read(message), { skipImageLinks: true, skipTextToHtml: true })
  return {
    id: message.id,
    from: mail.from?.value[0]?.address ?? message.from,
    to: toList(mail.to).map(({ name, address }) => ({ name, address: address ?? '' })),
    subject: mail.subject ?? '',
    headers: Object.fromEntries(mail.headerLines.map(({ key, line }) => [key, unfold(line.slice(line.indexOf(':') + 1))])),
    text: mail.text ?? '',
    html: mail.html || '',
    receivedAt: message.receivedAt,
  }
}

function toList(to: AddressObject | AddressObject[] | undefined) {
  return [to ?? []].flat().flatMap((group) => group.value)
}

function unfold(value: string) {
  return value.replaceAll(/\r?\n[ \t]/g, ' ').trim()
}
