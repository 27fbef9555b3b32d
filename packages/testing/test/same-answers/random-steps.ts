import { get, patch, post, put, remove, type Step } from './transcript.ts'

/** Requests in an order that nobody thought of: mostly right, about things that are there, were there, or never were. */
export function randomSteps(seed: number, count: number): Step[] {
  const random = sequenceOf(seed)
  const below = (bound: number) => Math.floor(random() * bound)
  const one = <T>(of: readonly T[]): T => of[below(of.length)] as T // below its length
  const some = <T>(make: () => T, most: number): T[] => Array.from({ length: below(most + 1) }, make)
  const id = (kind: string, most: number) => `${kind}#${1 + below(most)}`
  const list = () => id('lst', 4)
  const contact = () => id('con', 8)
  const campaign = () => id('cmp', 4)
  const address = () => one(['a', 'B', 'c+1', 'd', 'nobody']) + one(['@example.com', '@EXAMPLE.com', '@example.org', ''])
  const name = () => one(['Ada', 'Grace', 'Zoë', '', 'x'.repeat(201), null, 7])
  const maybe = <T extends object>(fields: T): Partial<T> => Object.fromEntries(Object.entries(fields).filter(() => random() < 0.5)) as Partial<T> // some of them
  const changes = () => maybe({ firstName: name(), lastName: one(['Lovelace', null]), properties: one([{}, { plan: 'pro' }, { plan: null, n: below(3) }]) })
  const newContact = () => ({ email: address(), ...maybe({ firstName: one(['Ada', 'Bo']), listIds: some(list, 3), properties: { n: below(3) } }) })
  const draft = () => ({ name: 'October', subject: one(['Hello', 'Hello {{ contact.firstName }}', '{{']), html: '<p>x</p>', from: 'a@acme.example', listIds: some(list, 2), ...maybe({ excludeListIds: [list()], text: 'x' }) })
  const page = () => `limit=${one([1, 2, 3, 100])}${random() < 0.4 ? '&cursor=<next>' : ''}`
  const steps: readonly (() => Step)[] = [
    () => post('/lists', { name: one(['News', 'Offers']), ...maybe({ doubleOptIn: random() < 0.3, description: 'x', visibility: 'public' }) }),
    () => post('/contacts', newContact()),
    () => post('/contacts', newContact(), { headers: { 'idempotency-key': one(['a', 'b', 'c']) } }),
    () => post('/contacts/batch', { contacts: some(newContact, 4), ...maybe({ onConflict: one(['update', 'skip', 'fail']) }) }),
    () => put(`/contacts/${address()}`, { ...changes(), ...maybe({ listIds: some(list, 2) }) }),
    () => patch(`/contacts/${contact()}`, { ...changes(), ...(random() < 0.4 && { email: address() }) }),
    () => patch(`/contacts/${address()}`, changes()),
    () => remove(`/contacts/${random() < 0.5 ? contact() : address()}`),
    () => get(`/contacts/${random() < 0.5 ? contact() : address()}`),
    () => get(`/contacts?${page()}`),
    () => get(`/contacts?${page()}&listId=${list()}${random() < 0.5 ? `&status=${one(['subscribed', 'unconfirmed'])}` : ''}`),
    () => post(`/lists/${list()}/contacts`, { contactIds: some(contact, 5) }),
    () => ({ method: 'DELETE', path: `/lists/${list()}/contacts`, body: { contactIds: some(contact, 3) } }),
    () => patch(`/lists/${list()}`, maybe({ name: 'Letters', doubleOptIn: random() < 0.5, description: null })),
    () => (random() < 0.3 ? remove(`/lists/${list()}`) : get(`/lists/${list()}`)),
    () => get(`/lists?${page()}`),
    () => post('/campaigns', draft()),
    () => patch(`/campaigns/${campaign()}`, maybe(draft())),
    () => get(one([`/campaigns/${campaign()}`, `/campaigns?${page()}`, `/campaigns/${campaign()}/stats`])),
    () => (random() < 0.3 ? remove(`/campaigns/${campaign()}`) : get(`/campaigns/${campaign()}`)),
    () => post('/emails', { from: 'a@acme.example', to: some(address, 3), subject: 'x', text: 'x' }),
    () => get('/usage'),
  ]
  return Array.from({ length: count }, () => one(steps)())
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function sequenceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
