import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Letterlock } from 'letterlock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSite, type ServerProcess, type Site, startServerProcess } from './server-process.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const rows = readFileSync(`${root}/examples/01-send-a-campaign/contacts.csv`, 'utf8').trim().split('\n').slice(1).map((line) => line.split(','))

interface Message {
  readonly to: { address: string }[]
  readonly subject: string
  readonly text: string
  readonly headers: Record<string, string>
}

let site: Site
let server: ServerProcess
beforeAll(async () => {
  site = await createSite()
  server = await startServerProcess(site)
})
afterAll(async () => {
  await server.kill('SIGTERM')
  site.remove()
})

async function runExample(): Promise<{ code: number | null; output: string }> {
  const { apiUrl, liveKey } = server.dev()
  const env = { ...process.env, LETTERLOCK_DATA_DIR: site.dataDir, LETTERLOCK_BASE_URL: apiUrl, LETTERLOCK_API_KEY: liveKey }
  const child = spawn(process.execPath, [`${root}/scripts/example.ts`, '01-send-a-campaign'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: code as number | null, output: output + errors }
}

async function readMailbox(): Promise<Message[]> {
  const response = await fetch(`${server.dev().mailboxUrl}/messages?limit=1000`)
  const { data, nextCursor } = (await response.json()) as { data: Message[]; nextCursor: string | null }
  expect(nextCursor).toBeNull()
  return data
}

test('01-send-a-campaign mails each of 1 000 people once, with his own values, though it sends twice', async () => {
  const { code, output } = await runExample()
  expect(code, output).toBe(0)
  expect(output).toContain('loaded     1000 new')
  expect(output).toMatch(/"audience":1000,.*"sent":1000/)
  expect(output).toMatch(/message {4}to \S+@example\.com: Hello /)
  expect(output).not.toContain(server.dev().liveKey.slice(-38))

  const messages = await readMailbox()
  expect(messages).toHaveLength(1_000)
  const byAddress = new Map(messages.map((message) => [message.to[0]?.address, message]))
  for (const [email, firstName, , plan, seats] of rows) {
    const message = byAddress.get(email)
    expect(message?.to).toHaveLength(1)
    expect(message?.subject).toBe(`Hello ${firstName}, your ${plan} plan`)
    expect(message?.text).toContain(`You are on the ${plan} plan with ${seats} seats.`)
  }
})

test('the one-click link of a message: a GET changes nothing, a POST unsubscribes, the next campaign passes him by', async () => {
  const [message] = await readMailbox()
  const address = message?.to[0]?.address ?? ''
  const link = /^<(.*)>$/.exec(message?.headers['list-unsubscribe'] ?? '')?.[1] ?? ''
  expect(message?.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click')
  const { apiUrl, liveKey } = server.dev()
  const letterlock = new Letterlock({ apiKey: liveKey, baseUrl: apiUrl })
  const readLists = async () => (await letterlock.contacts.get(address)).lists
  for (const method of ['GET', 'HEAD']) expect((await fetch(link, { method })).status).toBe(200)
  expect(await readLists()).toMatchObject([{ status: 'subscribed' }])
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  expect((await fetch(link, { method: 'POST', headers, body: 'List-Unsubscribe=One-Click' })).status).toBe(200)
  const [list] = await readLists()
  expect(list?.status).toBe('unsubscribed')

  await fetch(`${server.dev().mailboxUrl}/messages`, { method: 'DELETE' })
  const content = { name: 'Next', subject: 'Next', html: '<p>Next</p>', from: 'news@acme.example' }
  const { id } = await letterlock.campaigns.create({ ...content, listIds: [list?.id ?? ''] })
  await letterlock.campaigns.send(id)
  await expect.poll(async () => (await letterlock.campaigns.get(id)).status, { timeout: 60_000, interval: 250 }).toBe('sent')
  const messages = await readMailbox()
  expect(messages).toHaveLength(999)
  expect(messages.map(({ to }) => to[0]?.address)).not.toContain(address)
})

test('usage shows what was sent and asked', async () => {
  const { apiUrl, liveKey } = server.dev()
  const read = async () => {
    const response = await fetch(`${apiUrl}/v1/usage`, { headers: { authorization: `Bearer ${liveKey}` } })
    const { data } = (await response.json()) as { data: { meter: string; used: number }[] }
    return Object.fromEntries(data.map(({ meter, used }) => [meter, used]))
  }
  await expect.poll(async () => (await read())['api.requests'], { timeout: 10_000 }).toBeGreaterThan(5)
  expect(await read()).toMatchObject({ 'emails.sent': 1_999, 'contacts.stored': 1_000 })
})
