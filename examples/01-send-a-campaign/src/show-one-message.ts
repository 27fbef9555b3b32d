import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Prints one message of the development mailbox; a server with a relay of its own has none. */
export async function showOneMessage(since: Date) {
  const mailboxUrl = findMailbox()
  if (!mailboxUrl) return console.log('message    went to the relay of the server')
  const response = await fetch(`${mailboxUrl}/messages?limit=1`)
  const { data } = (await response.json()) as { data: { to: { address: string }[]; subject: string; text: string; receivedAt: string }[] }
  const [message] = data
  if (!message || new Date(message.receivedAt) < since) return console.log('message    is not in the mailbox')
  console.log(`message    to ${message.to[0]?.address}: ${message.subject}\n\n${message.text}`)
}

function findMailbox(): string | null {
  try {
    const file = join(process.env['LETTERLOCK_DATA_DIR'] ?? '.letterlock', 'dev.json')
    return (JSON.parse(readFileSync(file, 'utf8')) as { mailboxUrl: string }).mailboxUrl
  } catch {
    return null
  }
}
