import { describe, expect, expectTypeOf, test } from 'vitest'
import { Letterlock } from '../src/letterlock.ts'
import { scopeRecorder } from '../src/scope-recorder.ts'
import type { Scope, ScopedLetterlock } from '../src/scopes.ts'
import { operations, type Resources } from '../src/operations.generated.ts'
import { scriptedServer } from './scripted-server.ts'

const key = (scopes: string[]) => ({ status: 200, json: { id: 'key_1', scopes } })

describe('withScopes()', () => {
  const reader = new Letterlock({ apiKey: 'acme_key', baseUrl: 'http://x.test' }).withScopes(['contacts:read', 'lists:write'])

  test('has the methods that these scopes allow and no others, at compile time and at run time', () => {
    expectTypeOf<keyof typeof reader.contacts>().toEqualTypeOf<'list' | 'get' | 'export'>()
    expectTypeOf<keyof typeof reader.lists>().toEqualTypeOf<'create' | 'update' | 'delete' | 'addContacts' | 'removeContacts'>()
    expectTypeOf<keyof typeof reader.key>().toEqualTypeOf<'get' | 'revoke'>()
    expectTypeOf<keyof typeof reader.campaigns>().toEqualTypeOf<never>()
    expectTypeOf(reader.contacts.get).toEqualTypeOf<Resources['contacts']['get']>()
    // @ts-expect-error -- needs contacts:write
    expect(reader.contacts.create).toBeUndefined()
    // @ts-expect-error -- needs campaigns:send
    expect(reader.campaigns.send).toBeUndefined()
    expect(Object.keys(reader.contacts)).toEqual(['list', 'get', 'export'])
    expect(Object.keys(reader.key)).toEqual(['get', 'revoke'])
  })

  test('with every scope has every method, with none those of any key', () => {
    expectTypeOf<Omit<ScopedLetterlock<Scope>, 'checkScopes'>>().toExtend<Resources>()
    const none = new Letterlock().withScopes([])
    expect(Object.values(none).flatMap((methods) => Object.keys(methods))).toEqual(['get', 'revoke'])
    expectTypeOf<keyof typeof none.contacts>().toEqualTypeOf<never>()
    const all = [...new Set(Object.values(operations).flatMap(({ scope }) => scope ?? []))]
    const whole = new Letterlock().withScopes(all)
    expect(Object.values(whole).flatMap((methods) => Object.keys(methods))).toHaveLength(Object.keys(operations).length)
  })

  test('a part of a program may ask for the client with its scopes', () => {
    const countReaders = (client: ScopedLetterlock<'contacts:read'>) => client
    expect(countReaders(reader)).toBe(reader)
    // @ts-expect-error -- the client has too few scopes
    const sendAll = (client: ScopedLetterlock<'campaigns:send'>) => client === reader
    expect(sendAll).toBeTypeOf('function')
  })

  test('a scope that no operation has does not compile, and is refused', () => {
    // @ts-expect-error -- misspelt
    expect(() => new Letterlock().withScopes(['contact:read'])).toThrow('there is no scope "contact:read"')
  })

  test('its calls go out as those of the client', async () => {
    const { url, seen } = await scriptedServer(key([]))
    await new Letterlock({ apiKey: 'acme_key', baseUrl: url }).withScopes(['contacts:read']).contacts.get('a')
    expect(seen[0]).toMatchObject({ url: '/v1/contacts/a', headers: { authorization: 'Bearer acme_key' } })
  })
})

describe('checkScopes()', () => {
  const check = async (granted: string[]) => {
    const { url } = await scriptedServer(key(granted))
    return new Letterlock({ apiKey: 'acme_key', baseUrl: url }).withScopes(['contacts:read', 'emails:send']).checkScopes()
  }

  test('names those that the key has beyond the declared ones', async () => {
    await expect(check(['contacts:read', 'emails:send'])).resolves.toEqual({ granted: ['contacts:read', 'emails:send'], undeclared: [] })
    await expect(check(['lists:read', 'contacts:read', 'emails:send'])).resolves.toMatchObject({ undeclared: ['lists:read'] })
  })

  test.each([[[], 'lacks contacts:read, emails:send; it has no scope.'], [['contacts:read'], 'lacks emails:send; it has contacts:read.']])(
    'fails with missing_scopes when the key has only %j', async (granted, text) => {
      await expect(check(granted)).rejects.toMatchObject({ name: 'LetterlockError', code: 'missing_scopes', message: `The API key ${text}` })
    },
  )
})

describe('scopeRecorder()', () => {
  test('learns the smallest set, counts calls and not attempts, and says what it does not know', async () => {
    const { url } = await scriptedServer({ status: 503 }, { status: 200, json: { id: 'x', data: [], hasMore: false } })
    const recorder = scopeRecorder()
    const client = new Letterlock({ apiKey: 'acme_key', baseUrl: url, middleware: [recorder.middleware], fetch: (to, init) => fetch(to, init) })
    expect(recorder.report()).toBe('Smallest set of scopes: []')
    await client.lists.create({ name: 'x' })
    await client.lists.create({ name: 'y' })
    await client.contacts.list()
    await client.key.get()
    await client.request('GET', '/segments')
    expect(recorder.scopes()).toEqual(['contacts:read', 'lists:write'])
    expect(recorder.report()).toBe(
      'Smallest set of scopes: ["contacts:read","lists:write"]\n  contacts:read  1 call\n  lists:write  2 calls\n  and 1 call by request(), whose scope is not known here',
    )
    new Letterlock().withScopes(recorder.scopes() as Scope[])
  })

  test('records refused calls too: they are what the key lacks', async () => {
    const { url } = await scriptedServer({ status: 403, json: { code: 'insufficient_scope', requiredScope: 'emails:read' } })
    const recorder = scopeRecorder()
    const client = new Letterlock({ apiKey: 'acme_key', baseUrl: url, middleware: [recorder.middleware] })
    await expect(client.emails.get('eml_1')).rejects.toMatchObject({ code: 'insufficient_scope' })
    expect(recorder.scopes()).toEqual(['emails:read'])
  })
})
