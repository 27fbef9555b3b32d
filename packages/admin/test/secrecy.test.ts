/** The root key opens everything: no print of a client or of an error shows it. */
import { inspect } from 'node:util'
import { serialize } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { createAdmin } from '../src/index.ts'
import { rootKey, type Scripted, scripted } from './scripted-server.ts'

const secretPart = rootKey.slice(-38)

/** All that a program could print of a value: every depth, hidden properties, getters, causes, stacks. */
function everything(value: unknown): string {
  const deep = inspect(value, { showHidden: true, depth: 30, getters: true, showProxy: true, maxArrayLength: null, maxStringLength: null })
  const error = value instanceof Error ? [value.stack, value.message, everything(value.cause)] : []
  const forms = [() => JSON.stringify(value), () => String(value), () => serialize(value).toString('latin1')].map(attempted)
  return [deep, ...forms, ...error].join('\n')
}

function attempted(show: () => string): string {
  try {
    return show()
  } catch (error) {
    return inspect(error, { depth: 30, showHidden: true })
  }
}

test('a client shows no key, in whole or in part', () => {
  const admin = createAdmin({ rootKey, url: 'http://x.test' })
  for (const part of [admin, admin.keys, admin.keys.list, admin.pages]) expect(everything(part)).not.toContain(secretPart)
  expect(everything({ ...admin })).not.toContain(secretPart)
})

describe('no error holds it', () => {
  const echo = `You sent: Bearer ${rootKey}`
  const data = { code: 'invalid_key', requestId: rootKey, issues: [{ path: rootKey, message: echo }], [rootKey]: [echo] }
  const escaped = `\\u006c${rootKey.slice(1)}`
  test.each<[string, Scripted]>([
    ['a refusal that echoes it', { status: 401, json: { error: { message: echo, data } } }],
    ['a refusal that echoes it in escapes', { status: 401, text: `{"error":{"message":"${escaped}","data":{"code":"invalid_key","note":"${escaped}"}}}` }],
    ['a page of a proxy that echoes it', { status: 407, text: `<pre>${echo}</pre>` }],
    ['headers that echo it', { status: 403, text: '', headers: { 'x-request-id': rootKey, 'content-type': rootKey } }],
    ['a broken connection', 'reset'],
    ['no answer', 'hang'],
  ])('%s', async (_, line) => {
    const { admin } = await scripted([line], { timeoutMs: 100 })
    const error: unknown = await admin.keys.disable({ keyId: 'key_1' }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(Error)
    expect(everything(error)).not.toContain(secretPart)
  })

  test('a fetch that throws it', async () => {
    const thrown = Object.assign(new TypeError(`bad header ${rootKey}`, { cause: new Error(rootKey) }), { code: 'E_BAD', request: { headers: rootKey } })
    const admin = createAdmin({ rootKey, url: 'http://x.test', fetch: () => Promise.reject(thrown) })
    const error: unknown = await admin.keys.disable({ keyId: 'key_1' }).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'connection_failed', message: 'keys.disable: x.test cannot be reached: E_BAD.' })
    expect(everything(error)).not.toContain(secretPart)
  })

  test.each([`${rootKey}\n`, `"${rootKey}"`, `Bearer ${rootKey}`, `${rootKey}x`, rootKey.slice(0, -1)])('a malformed key', (malformed) => {
    const error = attemptedError(() => createAdmin({ rootKey: malformed }))
    expect(error).toMatchObject({ code: 'malformed_root_key' })
    expect(everything(error)).not.toContain(rootKey.slice(40, 60))
  })
})

function attemptedError(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}
