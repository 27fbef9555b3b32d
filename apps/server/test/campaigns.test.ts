import { connect, type Db } from '@letterlock/db'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../src/jobs/sender/testing/fixture.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let db: Db
beforeAll(async () => {
  server = await startTestServer()
  db = connect({ connectionString: server.connectionString, max: 2, applicationName: 'test' })
})
afterAll(async () => {
  await db.destroy()
  await server.stop()
})

const content = { name: 'News', subject: 'Hello {{ contact.firstName }}', html: '<p>Hi {{ contact.firstName }}</p>', from: 'Acme <news@acme.example>' }
const unknownList = `lst_${'0'.repeat(26)}`

async function create(path: string, body: unknown, key = server.liveKey) {
  const answer = await server.call('POST', path, { body, key })
  expect(answer.status).toBe(path === '/emails' ? 202 : 201)
  return answer.body
}

/** A list of one person each, and a draft to it. */
async function draft(emails: string[], key = server.liveKey) {
  const list = await create('/lists', { name: 'L' }, key)
  for (const email of emails) await create('/contacts', { email, firstName: email.split('@')[0], listIds: [list.id] }, key)
  return { list, campaign: await create('/campaigns', { ...content, listIds: [list.id] }, key) }
}

const issuesOf = (answer: { body: { issues?: { path: string }[] } }) => answer.body.issues?.map(({ path }) => path)

describe('campaigns', () => {
  test.each([
    ['subject', { subject: 'Hello {{ contact.firstName' }],
    ['html', { html: '{% for x in y %}{% endfor %}' }],
    ['text', { text: '{% if a %}' }],
    ['from', { from: 'nobody@localhost' }],
    ['replyTo', { replyTo: 'Acme <"quoted"@acme.example>' }],
  ])('POST and PATCH answer 400 at %s', async (path, wrong) => {
    const refused = await server.call('POST', '/campaigns', { body: { ...content, ...wrong } })
    expect([refused.status, issuesOf(refused)]).toEqual([400, [path]])
    const { id } = await create('/campaigns', content)
    const changed = await server.call('PATCH', `/campaigns/${id}`, { body: wrong })
    expect([changed.status, issuesOf(changed)]).toEqual([400, [path]])
  })

  test.each([{ listIds: [unknownList] }, { excludeListIds: [unknownList] }, { segmentIds: [`seg_${'0'.repeat(26)}`] }])(
    'POST and PATCH answer 404 for %o', async (ids) => {
      const { id } = await create('/campaigns', content)
      expect((await server.call('POST', '/campaigns', { body: { ...content, ...ids } })).status).toBe(404)
      expect((await server.call('PATCH', `/campaigns/${id}`, { body: ids })).status).toBe(404)
    })

  test('a draft is changed, listed and deleted', async () => {
    const made = await create('/campaigns', { ...content, replyTo: 'help@acme.example', text: 'Hi' })
    const changed = await server.call('PATCH', `/campaigns/${made.id}`, { body: { name: 'Better', replyTo: null, text: null } })
    expect(changed.status).toBe(200)
    const { replyTo: _r, text: _t, ...kept } = made
    expect(changed.body).toEqual({ ...kept, name: 'Better', updatedAt: changed.body.updatedAt })
    const listed = await server.call('GET', '/campaigns?status=draft&limit=1')
    const { html: _h, ...summary } = changed.body
    expect(listed.body.data).toEqual([summary])
    expect((await server.call('DELETE', `/campaigns/${made.id}`)).status).toBe(204)
    expect((await server.call('GET', `/campaigns/${made.id}`)).status).toBe(404)
  })

  test('is sent once; after that it is no draft any more', async () => {
    const { campaign } = await draft(['ada@people.example', 'bob@people.example'])
    const sent = await server.call('POST', `/campaigns/${campaign.id}/send`, { body: {} })
    expect([sent.status, sent.body.status]).toEqual([202, 'sending'])
    const again = await server.call('POST', `/campaigns/${campaign.id}/send`, { body: {} })
    expect([again.status, again.body.code]).toEqual([409, 'invalid_state'])
    const finished = await until(async () => {
      const { body } = await server.call('GET', `/campaigns/${campaign.id}`)
      return body.status === 'sent' && body
    })
    expect(finished).toMatchObject({ startedAt: expect.any(String), finishedAt: expect.any(String) })
    for (const [method, body] of [['PATCH', { name: 'X' }], ['DELETE', undefined]] as const) {
      const refused = await server.call(method, `/campaigns/${campaign.id}`, { body })
      expect([refused.status, refused.body.code]).toEqual([409, 'invalid_state'])
    }
    const stats = await server.call('GET', `/campaigns/${campaign.id}/stats`)
    expect(stats.body).toEqual({
      audience: 2, queued: 0, sending: 0, sent: 2, delivered: 0, failed: 0, suppressed: 0, unknown: 0, bounced: 0,
      complained: 0, unsubscribed: 0, opened: 0, clicked: 0,
    })
    const first = await server.call('GET', `/campaigns/${campaign.id}/recipients?limit=1&state=sent`)
    expect(first.body).toMatchObject({ hasMore: true, data: [{ email: 'bob@people.example', state: 'sent', attempts: 1 }] })
    const second = await server.call('GET', `/campaigns/${campaign.id}/recipients?limit=1&cursor=${first.body.nextCursor}`)
    expect(second.body).toMatchObject({ hasMore: false, data: [{ email: 'ada@people.example', messageId: expect.stringContaining('@acme.example>') }] })
    const mailbox = await fetch(`${server.mailboxUrl}/messages?to=ada@people.example`)
    const { data } = await mailbox.json() as { data: { subject: string; headers: unknown }[] }
    expect(data.map(({ subject }) => subject)).toEqual(['Hello ada'])
  })

  test('the unsubscribe link in a received mail works without a key', async () => {
    const { campaign, list } = await draft(['gone@people.example'])
    await server.call('POST', `/campaigns/${campaign.id}/send`, { body: {} })
    const message = await until(async () => {
      const { data } = await (await fetch(`${server.mailboxUrl}/messages?to=gone@people.example`)).json() as { data: { html: string }[] }
      return data[0]
    })
    const url = /href="([^"]*\/u\/[^"]+)"/.exec(message.html)?.[1] ?? ''
    expect((await fetch(url)).status).toBe(200)
    const lists = async () => (await server.call('GET', '/contacts/gone@people.example')).body.lists
    expect(await lists()).toEqual([{ id: list.id, status: 'subscribed' }])
    expect((await fetch(url, { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) })).status).toBe(200)
    expect(await lists()).toEqual([{ id: list.id, status: 'unsubscribed' }])
    const stats = await server.call('GET', `/campaigns/${campaign.id}/stats`)
    expect(stats.body.unsubscribed).toBe(1)
  })

  /** Mails `email` a campaign; answers a function that clicks on the link in that mail. */
  async function mailed(email: string) {
    const { campaign, list } = await draft([email])
    await server.call('POST', `/campaigns/${campaign.id}/send`, { body: {} })
    const message = await until(async () => {
      const { data } = await (await fetch(`${server.mailboxUrl}/messages?to=${email}`)).json() as { data: { html: string }[] }
      return data[0]
    })
    const url = /href="([^"]*\/u\/[^"]+)"/.exec(message.html)?.[1] ?? ''
    return { list, campaign, leave: async () => (await fetch(url, { method: 'POST' })).status }
  }

  test('the link unsubscribes the address, also when its contact was deleted and created again since', async () => {
    const email = 'again@people.example'
    const { list, campaign, leave } = await mailed(email)
    expect((await server.call('DELETE', `/contacts/${email}`)).status).toBe(204)
    const again = await create('/contacts', { email, listIds: [list.id] })
    expect(again.lists).toEqual([{ id: list.id, status: 'subscribed' }])
    expect(await leave()).toBe(200)
    expect((await server.call('GET', `/contacts/${again.id}`)).body.lists).toEqual([{ id: list.id, status: 'unsubscribed' }])
    expect((await server.call('GET', `/campaigns/${campaign.id}/stats`)).body.unsubscribed).toBe(1)
  })

  test('who unsubscribed stays so when he is deleted and created again', async () => {
    const email = 'left@people.example'
    const { list, leave } = await mailed(email)
    expect(await leave()).toBe(200)
    const left = [{ id: list.id, status: 'unsubscribed' }]
    const listIds = [list.id]
    const bringBack = [
      () => server.call('POST', '/contacts', { body: { email, listIds } }),
      () => server.call('PUT', `/contacts/${email}`, { body: { listIds } }),
      () => server.call('POST', '/contacts/batch', { body: { contacts: [{ email, listIds }] } }),
    ]
    for (const save of bringBack) {
      expect((await server.call('DELETE', `/contacts/${email}`)).status).toBe(204)
      expect((await save()).status).toBeLessThan(300)
      expect((await server.call('GET', `/contacts/${email}`)).body.lists).toEqual(left)
    }
    await server.call('DELETE', `/contacts/${email}`)
    const { id } = await create('/contacts', { email })
    const added = await server.call('POST', `/lists/${list.id}/contacts`, { body: { contactIds: [id] } })
    expect(added.body).toEqual({ added: 0, alreadyThere: 0, refused: [{ contactId: id, code: 'unsubscribed' }] })
    expect((await server.call('GET', `/lists/${list.id}`)).body.contactCount).toBe(0)
  })

  test('who unsubscribed does not come back under another address, nor another contact under his', async () => {
    const email = 'renamed@people.example'
    const { list, leave } = await mailed(email)
    expect(await leave()).toBe(200)
    const left = [{ id: list.id, status: 'unsubscribed' }]
    expect((await server.call('PATCH', `/contacts/${email}`, { body: { email: `new-${email}` } })).body.lists).toEqual(left)
    expect((await server.call('DELETE', `/contacts/new-${email}`)).status).toBe(204)
    expect((await create('/contacts', { email: `new-${email}`, listIds: [list.id] })).lists).toEqual(left)
    const other = await create('/contacts', { email: `other-${email}`, listIds: [list.id] })
    expect(other.lists).toEqual([{ id: list.id, status: 'subscribed' }])
    expect((await server.call('PATCH', `/contacts/${other.id}`, { body: { email } })).body.lists).toEqual(left)
  })

  test('a list that is deleted takes its opt-outs with it', async () => {
    const { list, leave } = await mailed('forgotten@people.example')
    expect(await leave()).toBe(200)
    const optOuts = () => db.selectFrom('opt_outs').selectAll().where('list_id', '=', list.id).execute()
    expect(await optOuts()).toHaveLength(1)
    await until(async () => (await server.call('DELETE', `/lists/${list.id}`)).status === 204)
    expect(await optOuts()).toEqual([])
  })

  test('with a list that was deleted, be it an excluded one, is refused', async () => {
    const [kept, deleted] = [await create('/lists', { name: 'Kept' }), await create('/lists', { name: 'Deleted' })]
    const campaigns = [
      await create('/campaigns', { ...content, listIds: [kept.id, deleted.id] }),
      await create('/campaigns', { ...content, listIds: [kept.id], excludeListIds: [deleted.id] }),
    ]
    expect((await server.call('DELETE', `/lists/${deleted.id}`)).status).toBe(204)
    for (const { id } of campaigns) {
      const refused = await server.call('POST', `/campaigns/${id}/send`, { body: {} })
      expect(refused).toMatchObject({ status: 409, body: { code: 'invalid_state', detail: expect.stringContaining('deleted') } })
    }
  })

  test('without a list is refused; paused goes on', async () => {
    const { id } = await create('/campaigns', content)
    const refused = await server.call('POST', `/campaigns/${id}/send`, { body: {} })
    expect([refused.status, refused.body.code]).toEqual([409, 'invalid_state'])
    expect(refused.body.detail).toContain('listIds')
    const { campaign } = await draft(['later@people.example'])
    await db.updateTable('campaigns').set({ status: 'paused', pause_reason: 'error_rate' }).where('id', '=', campaign.id).execute()
    const paused = await server.call('GET', `/campaigns/${campaign.id}`)
    expect(paused.body).toMatchObject({ status: 'paused', pauseReason: 'error_rate' })
    const resumed = await server.call('POST', `/campaigns/${campaign.id}/send`, { body: {} })
    expect(resumed.status).toBe(202)
    expect(resumed.body).toMatchObject({ status: 'sending' })
    expect(resumed.body).not.toHaveProperty('pauseReason')
  })

  test('of a test key goes to the simulator, never by SMTP', async () => {
    const names = ['delivered', 'bounced', 'complained'].map((name) => `${name}@simulator.letterlock.test`)
    const { campaign } = await draft(names, server.testKey)
    await server.call('POST', `/campaigns/${campaign.id}/send`, { body: {}, key: server.testKey })
    const stats = await until(async () => {
      const { body } = await server.call('GET', `/campaigns/${campaign.id}/stats`, { key: server.testKey })
      return body.sent === 3 && body
    })
    expect(stats).toMatchObject({ delivered: 2, bounced: 1, complained: 1 })
    const { data } = await (await fetch(`${server.mailboxUrl}/messages?to=${names[0]}`)).json() as { data: unknown[] }
    expect(data).toEqual([])
    expect((await server.call('GET', `/contacts/${names[1]}`, { key: server.testKey })).body.suppressed).toBe(true)
    const email = await create('/emails', { from: content.from, to: [names[1], names[2]], subject: 'S', text: 'T' }, server.testKey)
    expect(email.status).toBe('suppressed')
  })
})

describe('emails', () => {
  const email = { from: content.from, to: 'Eve <eve@people.example>', subject: 'Your code', html: '<p>{{ 42 }}</p>', headers: { 'X-Kind': 'code' }, tags: ['code'] }

  test('is stored, sent and told of', async () => {
    const { id, status } = await create('/emails', email)
    expect(status).toBe('queued')
    const sent = await until(async () => {
      const { body } = await server.call('GET', `/emails/${id}`)
      return body.status === 'sent' && body
    })
    expect(sent).toMatchObject({ id, to: [email.to], tags: ['code'], attempts: 1, sentAt: expect.any(String) })
    const { data } = await (await fetch(`${server.mailboxUrl}/messages?to=eve@people.example`)).json() as { data: { html: string; text: string }[] }
    expect(data).toHaveLength(1)
    expect(data[0]?.html).toContain('{{ 42 }}')
    expect(data[0]?.text).toContain('{{ 42 }}')
  })

  test.each([
    ['from', { from: 'x@localhost' }], ['to', { to: 'x@localhost' }], ['to.1', { to: ['a@people.example', 'x@localhost'] }],
    ['replyTo', { replyTo: 'x@localhost' }], ['headers.Bcc', { headers: { Bcc: 'x@people.example' } }],
  ])('answers 400 at %s', async (path, wrong) => {
    const refused = await server.call('POST', '/emails', { body: { ...email, ...wrong } })
    expect([refused.status, issuesOf(refused)]).toEqual([400, [path]])
  })

  test('answers 429 when the quota is used up, and stores nothing', async () => {
    const { id: environment_id } = await db.selectFrom('environments').select('id').where('mode', '=', 'live')
      .where('workspace_id', '=', server.workspaceId).executeTakeFirstOrThrow()
    await db.insertInto('quotas').values({ environment_id, meter: 'emails.sent', amount: 0 })
      .onConflict((conflict) => conflict.columns(['environment_id', 'meter']).doUpdateSet({ amount: 0 })).execute()
    const before = await db.selectFrom('emails').select('id').execute()
    const refused = await server.call('POST', '/emails', { body: email })
    expect(refused.status).toBe(429)
    expect(refused.body).toMatchObject({ code: 'quota_exceeded', meter: 'emails.sent', limit: 0, resetsAt: expect.any(String) })
    expect(await db.selectFrom('emails').select('id').execute()).toHaveLength(before.length)
  })
})
