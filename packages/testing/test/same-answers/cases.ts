import { get, patch, post, put, remove, type Talk } from './transcript.ts'

const from = 'Acme <hello@acme.example>'
const draft = { name: 'October', subject: 'Hello {{ contact.firstName | default: "you" }}', html: '<p>News</p>', from, listIds: ['lst#1'] }
const email = { from, to: 'ada@example.com', subject: 'Your order', text: 'It is on its way.' }

/** What is asked of both servers; a case has a workspace of its own. */
export const cases: Readonly<Record<string, (talk: Talk) => Promise<void>>> = {
  async 'what a key is'({ newKey, say }) {
    await newKey({ name: 'reader', mode: 'test', scopes: ['contacts:read', 'usage:read'] })
    await say(get('/key'), { method: 'HEAD', path: '/key' }, get('/usage'), get('/lists'), post('/contacts', { email: 'ada@example.com' }))
  },

  async 'keys that are none'({ newKey, say }) {
    const { token } = await newKey()
    const spoilt = () => token().slice(0, -1) + (token().endsWith('0') ? '1' : '0')
    await say(
      get('/key', { token: null }), get('/key', { token: () => 'hello' }), get('/key', { token: spoilt }), get(`/key?key=${token()}`),
      post('/contacts', { email: token() }), get('/key', { token: null, headers: { authorization: `Basic ${token()}` } }),
      post('/contacts', '{"email":', { token: null }), get('/nothing', { token: null }),
    )
  },

  async 'disabled, enabled, revoked'({ newKey, say }) {
    const key = await newKey()
    for (const change of [key.disable, key.enable, key.revoke]) {
      await change()
      await say(get('/key'))
    }
  },

  async 'a key that ends'({ newKey, say, rig }) {
    await newKey({ expires: '4s' })
    await say(get('/key'))
    await rig.pass(4)
    await say(get('/key'), post('/contacts', { email: 'ada@example.com' }))
  },

  async 'two secrets of a key'({ newKey, say, rig }) {
    const key = await newKey()
    const first = key.token()
    await key.rotate(4)
    await say(get('/key', { token: () => first }), get('/key'))
    await rig.pass(4)
    await say(get('/key', { token: () => first }), get('/key'))
  },

  async 'scopes and addresses that change'({ newKey, say }) {
    const key = await newKey({ scopes: ['contacts:read'] })
    await say(post('/lists', { name: 'News' }))
    await key.update({ scopes: ['lists:write'] })
    await say(post('/lists', { name: 'News' }), get('/contacts'))
    await key.update({ ipAllow: ['203.0.113.0/24'] })
    await say(post('/lists', { name: 'News' }))
  },

  async 'a suspended workspace'({ newKey, say, rig }) {
    await newKey()
    await rig.suspend()
    await say(get('/key'))
    await rig.resume()
    await say(get('/key'))
  },

  async 'a holder revokes his key'({ newKey, say }) {
    await newKey()
    await say(post('/key/revoke', { reason: 'x'.repeat(201) }), post('/key/revoke', { reason: 'lost' }))
  },

  async 'limits of a key and of its workspace'({ newKey, say, rig }) {
    await newKey({ rateLimits: [{ name: 'slow', limit: '3/1h' }, { name: 'default', limit: '1000/1d' }] })
    const other = await newKey()
    await say(get('/key'), get('/nothing'), get('/contacts/ada@example.com'), get('/key'), get('/key'), post('/contacts', 'no JSON'))
    await rig.setRateLimits([{ name: 'all', limit: '2/1d' }])
    await say(...Array.from({ length: 3 }, () => get('/key', { token: other.token })))
  },

  async 'quotas'({ newKey, say, rig }) {
    await newKey()
    await rig.setQuotas({ 'emails.sent': 2, 'contacts.stored': 2 })
    await say(
      post('/emails', { ...email, to: ['a@example.com', 'b@example.com', 'c@example.com'] }), post('/emails', { ...email, to: ['a@example.com', 'a@example.com'] }),
      post('/emails', email), post('/emails', email),
      post('/contacts', { email: 'a@example.com' }),
      post('/contacts/batch', { contacts: ['a', 'b', 'c'].map((name) => ({ email: `${name}@example.com` })) }),
      post('/contacts', { email: 'd@example.com' }), put('/contacts/d@example.com', {}), remove('/contacts/a@example.com'),
      post('/contacts', { email: 'd@example.com' }), get('/usage'), get('/usage?from=2020-01-01T00:00:00Z'), get('/usage?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z'),
    )
  },

  async 'which requests count'({ newKey, say, served }) {
    await newKey()
    const { token } = await newKey({ scopes: [] })
    await say(get('/key'), get('/nothing'), get('/contacts/nobody@example.com'), get('/contacts', { token }), post('/contacts', {}), get('/key', { token: null }), get('/key', { token }))
    await served(4)
  },

  async 'Idempotency-Key'({ newKey, say }) {
    await newKey()
    const once = { headers: { 'idempotency-key': 'one' } }
    await say(
      post('/lists', { name: 'News' }, once), post('/lists', { name: 'News' }, once), post('/lists', { name: 'Other' }, once),
      post('/contacts', { email: 'ada@example.com' }, once), post('/lists', { nam: 'News' }, once), post('/lists', { name: 'Wrong', x: 1 }, { headers: { 'idempotency-key': 'two' } }),
      post('/lists', { name: 'Right' }, { headers: { 'idempotency-key': 'two' } }), post('/lists', { name: 'News' }, { headers: { 'idempotency-key': 'a b' } }),
      get('/lists'), { ...put('/contacts/ada@example.com', {}), ...once },
    )
  },

  async 'contacts'({ newKey, say }) {
    await newKey()
    await say(
      post('/lists', { name: 'News' }), post('/lists', { name: 'Offers', doubleOptIn: true }),
      post('/contacts', { email: ' Ada@EXAMPLE.com ', firstName: 'Ada', properties: { plan: 'pro', seats: 3, vip: true }, listIds: ['lst#1', 'lst#2'] }),
      post('/contacts', { email: 'ada@example.com' }), post('/contacts', { email: 'b@example.com', listIds: ['lst#9'] }), post('/contacts', { email: 'ada' }),
      get('/contacts/ada@example.com'), get('/contacts/con%231'), get('/contacts/con#1'), get('/contacts/con#7'), get('/contacts/nobody'), get('/contacts/a%00b'),
      patch('/contacts/con#1', { lastName: 'Lovelace', firstName: null, properties: { plan: null, seats: 4 } }), patch('/contacts/con#1', {}),
      put('/contacts/grace@example.com', { firstName: 'Grace' }), put('/contacts/grace@example.com', { firstName: 'Grace' }), put('/contacts/nobody', {}),
      patch('/contacts/con#2', { email: 'ada@example.com' }), patch('/contacts/con#2', { email: 'grace.hopper@example.com' }), patch('/contacts/con#2', { email: 'no' }),
      get('/contacts/grace@example.com'), patch('/contacts/con#1', { properties: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`p${i}`, i])) }),
      patch('/contacts/con#1', { properties: Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`p${i}`, i])) }),
      patch('/contacts/con#1', { properties: Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`p${i}`, 'x'.repeat(1_000)])) }),
      remove('/contacts/con#1'), remove('/contacts/con#1'), get('/contacts/con#1'), get('/contacts'),
    )
  },

  async 'properties that are declared'({ newKey, say }) {
    await newKey()
    await say(
      post('/contacts', { email: 'early@example.com', properties: { anything: 1 } }),
      post('/properties', { key: 'plan', type: 'string', fallback: 'free' }), post('/properties', { key: 'plan', type: 'number' }), post('/properties', { key: 'a.b', type: 'string' }),
      post('/properties', { key: 'seats', type: 'number', description: 'Paid ones', fallback: 'many' }), post('/properties', { key: 'seats', type: 'number', description: 'Paid ones', fallback: 1 }),
      post('/properties', { key: 'born', type: 'date' }), post('/properties', { key: 'vip', type: 'boolean' }),
      get('/properties?limit=3'), get('/properties?limit=3&cursor=<next>'), get('/properties/plan'), get('/properties/none'), patch('/properties/none', {}),
      post('/contacts', { email: 'ada@example.com', properties: { plan: 'pro', seats: 3, vip: true, born: '1815-12-10' } }),
      post('/contacts', { email: 'b@example.com', properties: { plam: 'pro', seats: '3', vip: 0, born: '1815-13-10' } }),
      patch('/contacts/ada@example.com', { properties: { plan: 7 } }), patch('/contacts/early@example.com', { properties: { anything: null, born: '2026-11-22T09:30:00+01:00' } }),
      put('/contacts/ada@example.com', { properties: { plam: 'x' } }), put('/contacts/ada@example.com', { properties: { plan: 'team' } }),
      post('/contacts/batch', { contacts: [{ email: 'ada@example.com', properties: { plan: 'one' } }, { email: 'c@example.com', properties: { other: 1 } }, { email: 'no' }, { email: 'd@example.com' }] }),
      ...['plan:pro', 'plan:one', 'plan:', 'seats:3', 'seats:3.0', 'seats:x', 'vip:true', 'vip:1', 'born:1815-12-10', 'plam:pro', 'plan'].map((filter) => get(`/contacts?property=${filter}`)),
      patch('/properties/plan', { archived: true, fallback: null }), patch('/properties/seats', { fallback: 'x' }), patch('/properties/seats', { description: null, fallback: 2 }),
      put('/contacts/ada@example.com', { properties: { plan: 'x' } }), put('/contacts/ada@example.com', { properties: { plan: null } }), patch('/properties/plan', { archived: false }),
      put('/contacts/ada@example.com', { properties: { plan: 'x' } }),
    )
  },

  async 'what is stored about a person, and forgetting him'({ newKey, say, untilSent }) {
    await newKey({ mode: 'test' })
    const consent = { source: 'form /join', ip: '2001:db8::7', wording: 'Yes, send me the news.' }
    await say(
      post('/lists', { name: 'News' }), post('/lists', { name: 'Asked first', doubleOptIn: true }),
      post('/contacts', { email: 'ada@example.com', firstName: 'Ada', listIds: ['lst#1', 'lst#2'], consent }), post('/contacts', { email: 'b@example.com', listIds: ['lst#1'], consent }),
      post('/contacts', { email: 'complained@simulator.letterlock.test', listIds: ['lst#1'], consent: { ...consent, ip: 'home' } }),
      put('/contacts/complained@simulator.letterlock.test', { listIds: ['lst#1'], consent }), post('/contacts', { email: 'bounced@simulator.letterlock.test' }),
      post('/lists/lst#1/contacts', { contactIds: ['con#4'], consent }), { method: 'DELETE', path: '/lists/lst#2/contacts', body: { contactIds: ['con#2'] } },
      post('/campaigns', draft), post('/campaigns/cmp#1/send', {}), post('/emails', { ...email, to: ['Ada <ADA@example.com>', 'b@example.com'], html: '<p>x</p>' }),
    )
    await untilSent('cmp#1', 'test')
    await untilSent('eml#1', 'test')
    await say(
      ...['con#1', 'con#2', 'con#3', 'con#4', 'con#9', 'nobody@example.com', 'nobody'].map((name) => get(`/contacts/${name}/export`)),
      patch('/contacts/con#1', { email: 'lovelace@example.com' }), get('/contacts/con#1/export'),
      post('/contacts/con#1/erase', {}), post('/contacts/con#1/erase', {}), post('/contacts/lovelace@example.com/erase', {}), post('/contacts/ada@example.com/erase', {}),
      post('/contacts/complained@simulator.letterlock.test/erase', {}), post('/contacts/nobody@example.com/erase', {}), post('/contacts/nobody/erase', {}),
      get('/campaigns/cmp#1/recipients'), get('/campaigns/cmp#1/stats'), get('/contacts'), get('/usage'),
      post('/contacts', { email: 'Ada@example.com', listIds: ['lst#1'], consent }), get('/contacts/con#5/export'), put('/contacts/lovelace@example.com', {}),
      post('/emails', { ...email, to: ['nobody@example.com', 'c@example.com'] }), post('/emails', { ...email, to: 'nobody@example.com' }), patch('/contacts/con#2', { email: 'nobody@example.com' }),
      post('/campaigns', draft), post('/campaigns/cmp#2/send', {}),
    )
    await untilSent('cmp#2', 'test')
    await say(get('/campaigns/cmp#2/recipients'))
  },

  async 'a batch of contacts'({ newKey, say }) {
    await newKey()
    const contacts = [
      { email: 'a@example.com', firstName: 'A' }, { email: 'no' }, { email: 'A@example.com', lastName: 'B' }, { email: 'b@example.com', listIds: ['lst#9'] },
      { email: 'c@example.com', listIds: ['lst#1'] },
    ]
    await say(post('/lists', { name: 'News' }))
    for (const onConflict of ['update', 'skip', 'fail', undefined]) await say(post('/contacts/batch', { contacts, onConflict }))
    await say(
      post('/contacts/batch', { contacts: [] }), post('/contacts/batch', { contacts: [{ email: 'a@example.com', x: 1 }] }),
      post('/contacts/batch', { contacts: Array.from({ length: 1_001 }, (_, i) => ({ email: `p${i}@example.com` })) }), get('/contacts'), get('/lists/lst#1'),
    )
  },

  async 'pages and filters'({ newKey, say }) {
    await newKey()
    await say(
      post('/lists', { name: 'News' }),
      ...Array.from({ length: 5 }, (_, i) => post('/contacts', { email: `p${i}@example.com`, ...(i % 2 && { listIds: ['lst#1'] }) })),
      get('/contacts?limit=2'), get('/contacts?limit=2&cursor=<next>'), get('/contacts?limit=2&cursor=<next>'), get('/contacts?limit=1&listId=lst#1'),
      get('/contacts?limit=5&listId=lst#1&cursor=<next>'), get('/contacts?status=subscribed'), get('/contacts?status=unsubscribed'), get('/contacts?email=P3@example.com'),
      get('/contacts?email=no'), get('/contacts?listId=lst#5'), get('/contacts?updatedSince=2020-01-01T00:00:00Z'), get('/contacts?updatedSince=2999-01-01T00:00:00Z'),
      get('/contacts?limit=0'), get('/contacts?limit=101'), get('/contacts?cursor=abc'), get('/contacts?surprise=1'), get('/contacts?limit=1&limit=2'),
    )
  },

  async 'lists and who is on them'({ newKey, say }) {
    await newKey()
    await say(
      post('/lists', { name: 'News', description: 'Monthly', visibility: 'public' }), post('/lists', { name: 'Offers', doubleOptIn: true }), post('/lists', {}),
      post('/lists', { name: '' }), post('/lists', { name: 'x'.repeat(10_000) }), get('/lists/lst#1'), get('/lists/lst#8'), get('/lists/none'),
      patch('/lists/lst#1', { description: null, name: 'Letters' }), patch('/lists/lst#1', {}), patch('/lists/lst#8', { name: 'x' }),
      post('/contacts', { email: 'a@example.com' }), post('/contacts', { email: 'b@example.com' }),
      post('/lists/lst#1/contacts', { contactIds: ['con#1', 'con#2', 'con#1', 'con#9'] }), post('/lists/lst#1/contacts', { contactIds: ['con#1'] }),
      post('/lists/lst#2/contacts', { contactIds: ['con#1'] }), post('/lists/lst#8/contacts', { contactIds: ['con#1'] }), post('/lists/lst#1/contacts', { contactIds: [] }),
      get('/lists'), get('/contacts/con#1'), get('/contacts?listId=lst#2&status=unconfirmed'),
      { method: 'DELETE', path: '/lists/lst#1/contacts', body: { contactIds: ['con#1', 'con#9'] } }, { method: 'DELETE', path: '/lists/lst#8/contacts', body: { contactIds: ['con#1'] } },
      get('/lists/lst#1'), remove('/lists/lst#1'), remove('/lists/lst#1'), get('/contacts/con#2'),
    )
  },

  async 'campaigns before they are sent'({ newKey, say }) {
    await newKey()
    await say(
      post('/lists', { name: 'News' }), post('/campaigns', draft), post('/campaigns', { ...draft, listIds: ['lst#9'] }), post('/campaigns', { ...draft, segmentIds: ['seg#1'] }),
      post('/campaigns', { ...draft, subject: '{{ contact.', html: '{% for i in (1..9) %}x{% endfor %}', from: 'nobody' }), post('/campaigns', { ...draft, name: undefined }),
      post('/campaigns', { name: 'No list', subject: 'x', html: 'x', from, text: 'x', replyTo: 'help@acme.example' }),
      get('/campaigns/cmp#1'), get('/campaigns/cmp#9'), get('/campaigns'), get('/campaigns?status=draft&limit=1'), get('/campaigns?status=sent'), get('/campaigns?status=no'),
      patch('/campaigns/cmp#1', { subject: 'Good day', text: 'x', listIds: ['lst#1', 'lst#1'] }), patch('/campaigns/cmp#1', { text: null }), patch('/campaigns/cmp#1', { html: '{{ x' }),
      patch('/campaigns/cmp#1', { listIds: ['lst#9'] }), patch('/campaigns/cmp#9', {}), get('/campaigns/cmp#1/stats'), get('/campaigns/cmp#9/stats'),
      get('/campaigns/cmp#1/recipients'), get('/campaigns/cmp#9/recipients'), post('/campaigns/cmp#2/send', {}), post('/campaigns/cmp#9/send', {}),
      remove('/lists/lst#1'), post('/campaigns/cmp#1/send', {}), remove('/campaigns/cmp#2'), remove('/campaigns/cmp#2'),
    )
  },

  async 'a campaign that is sent'({ newKey, say, untilSent }) {
    await newKey({ mode: 'test' })
    await say(
      post('/lists', { name: 'News' }), post('/lists', { name: 'Not these' }), post('/lists', { name: 'Asked first', doubleOptIn: true }),
      post('/contacts', { email: 'ada@example.com', firstName: 'Ada', listIds: ['lst#1'] }), post('/contacts', { email: 'bounced@simulator.letterlock.test', listIds: ['lst#1'] }),
      post('/contacts', { email: 'complained+1@simulator.letterlock.test', listIds: ['lst#1', 'lst#3'] }), post('/contacts', { email: 'excluded@example.com', listIds: ['lst#1', 'lst#2'] }),
      post('/contacts', { email: 'unconfirmed@example.com', listIds: ['lst#3'] }), post('/contacts', { email: 'elsewhere@example.com' }),
      post('/campaigns', { ...draft, listIds: ['lst#1', 'lst#3'], excludeListIds: ['lst#2'] }), post('/campaigns/cmp#1/send', {}),
    )
    await untilSent('cmp#1', 'test')
    await say(
      get('/campaigns/cmp#1'), get('/campaigns?status=sent'), get('/campaigns/cmp#1/stats'), get('/campaigns/cmp#1/recipients'), get('/campaigns/cmp#1/recipients?state=suppressed'),
      get('/campaigns/cmp#1/recipients?limit=2'), get('/campaigns/cmp#1/recipients?limit=2&cursor=<next>'), get('/contacts'),
      post('/campaigns/cmp#1/send', {}), patch('/campaigns/cmp#1', { name: 'x' }), remove('/campaigns/cmp#1'), remove('/lists/lst#1'),
      post('/emails', { ...email, to: ['bounced@simulator.letterlock.test', 'x@example.com'] }), post('/emails', { ...email, to: 'bounced@simulator.letterlock.test' }), get('/emails/eml#2'),
    )
  },

  async 'who leaves by the link in a message'({ newKey, say, rig, untilSent }) {
    await newKey()
    await say(
      post('/lists', { name: 'News' }), post('/lists', { name: 'Other' }), post('/contacts', { email: 'leaver@example.com', listIds: ['lst#1', 'lst#2'] }),
      post('/campaigns', draft), post('/campaigns/cmp#1/send', {}),
    )
    await untilSent('cmp#1', 'live')
    await rig.unsubscribe('leaver@example.com')
    await say(
      get('/contacts/con#1'), get('/lists/lst#1'), get('/contacts?listId=lst#1&status=unsubscribed'), post('/lists/lst#1/contacts', { contactIds: ['con#1'] }),
      { method: 'DELETE', path: '/lists/lst#1/contacts', body: { contactIds: ['con#1'] } }, patch('/contacts/con#1', { email: 'renamed@example.com' }),
      post('/contacts', { email: 'leaver@example.com', listIds: ['lst#1'] }), remove('/contacts/con#1'), post('/contacts', { email: 'renamed@example.com', listIds: ['lst#1'] }),
      post('/contacts', { email: 'new@example.com', listIds: ['lst#1'] }), patch('/contacts/con#4', { email: 'again@example.com' }),
      put('/contacts/leaver@example.com', { listIds: ['lst#1', 'lst#2'] }), remove('/contacts/con#2'), patch('/contacts/con#4', { email: 'leaver@example.com' }), get('/lists'),
    )
  },

  async 'e-mails'({ newKey, say }) {
    await newKey({ mode: 'test' })
    await say(
      post('/emails', email), post('/emails', { ...email, to: ['Ada <a@example.com>', 'A@example.com', 'b@example.com'], html: '<p>x</p>', replyTo: 'help@acme.example', tags: ['order'], headers: { 'X-Order': '7' } }),
      post('/emails', { ...email, text: undefined }), post('/emails', { ...email, to: [] }), post('/emails', { ...email, to: 'nobody' }), post('/emails', { ...email, from: 'x' }),
      post('/emails', { ...email, subject: 'x\r\nBcc: c@example.com' }), post('/emails', { ...email, headers: { Bcc: 'c@example.com' } }), post('/emails', { ...email, tags: ['a b'] }),
      post('/emails', { ...email, to: Array.from({ length: 51 }, (_, i) => `p${i}@example.com`) }), get('/emails/eml#9'), get('/emails/none'),
    )
  },

  async 'what is no request'({ newKey, say }) {
    await newKey()
    await say(
      get('/nothing'), get('/contacts/'), { method: 'DELETE', path: '/usage' }, patch('/contacts/batch', {}), { method: 'OPTIONS', path: '/contacts' },
      post('/contacts', '{"a":'), post('/contacts', '[]'), post('/contacts', 'null'), post('/contacts', ''), post('/contacts', { email: 'a@example.com', x: 1 }),
      post('/contacts', 'a=1', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }), post('/contacts', JSON.stringify({ x: 'x'.repeat(2 << 20) })),
      post('/lists', '{"name":"\\ud83d"}'), post('/lists', '{"name":"x","__proto__":{"a":1},"constructor":1}'), post('/contacts', { email: 'a@example.com', firstName: 'a\0b' }),
      get(`/contacts?${Array.from({ length: 101 }, (_, i) => `a${i}=1`).join('&')}`), get('/contacts/%E0%A4%A'), get('//contacts'), get('/contacts/a%2Fb'),
    )
  },

  async 'modes do not see each other'({ newKey, say }) {
    await newKey()
    const { token } = await newKey({ mode: 'test' })
    await say(
      post('/lists', { name: 'Live' }), get('/lists/lst#1', { token }), post('/contacts', { email: 'a@example.com' }, { token }), get('/contacts'),
      post('/contacts', { email: 'a@example.com', listIds: ['lst#1'] }, { token }), post('/campaigns', draft, { token }), get('/usage', { token }),
    )
  },
}
