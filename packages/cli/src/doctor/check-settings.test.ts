import { defineKeyFormat, letterlockKeys } from '@letterlock/keys'
import { describe, expect, test } from 'vitest'
import { checkBaseUrl, checkKey, checkProxies, checkVariables } from './check-settings.ts'

const { token } = letterlockKeys.issue({ mode: 'live' })
const given = (text: string, readableByOthers = false) => ({ text, source: 'X', readableByOthers })

describe('checkKey()', () => {
  test.each([
    ['a line break', `${token}\n\n`, /white space/], ['a scheme', `Bearer ${token}`, /scheme/], ['quotes', `'${token}'`, /quotation marks/],
    ['a placeholder', '$KEY', /placeholder/], ['a cut key', token.slice(0, 60), /not whole/], ['a root key', letterlockKeys.issue({ mode: 'root' }).token, /root key/],
    ['a key of another prefix', defineKeyFormat({ prefix: 'acme' }).issue({ mode: 'live' }).token, /prefix of its own/],
  ])('does not send %s', (_, text, reason) => {
    const { token: sent, remarks } = checkKey(given(text), [letterlockKeys])
    expect([sent, remarks.map(({ verdict }) => verdict)]).toEqual([undefined, ['wrong']])
    expect(remarks[0]?.text).toMatch(reason)
    expect(JSON.stringify(remarks)).not.toContain(token.slice(34, 60))
  })

  test('names a missing key, and warns of a file that others can read', () => {
    expect(checkKey(undefined, [letterlockKeys]).remarks).toMatchObject([{ verdict: 'wrong' }])
    expect(checkKey(given(token, true), [letterlockKeys])).toMatchObject({ token, remarks: [{ verdict: 'good' }, { verdict: 'warning' }] })
  })
})

describe('checkBaseUrl()', () => {
  test.each([
    [undefined, 'wrong'], ['mail.example.com', 'wrong'], ['ftp://x', 'wrong'], ['https://a:b@x', 'wrong'], ['https://x/?a', 'wrong'],
    ['http://mail.example.com', 'warning'], ['http://127.0.0.1.example.com', 'warning'], ['http://127.0.0.1:4000/v1/', 'good'], ['https://mail.example.com', 'good'],
  ])('%s is %s', (text, verdict) => expect(checkBaseUrl(text).remarks).toMatchObject([{ verdict }]))

  test('asks below a path, with one /v1', () => {
    expect(checkBaseUrl('https://x.test/mail/v1/').url?.href).toBe('https://x.test/mail/v1/key')
    expect(checkBaseUrl('https://x.test').url?.href).toBe('https://x.test/v1/key')
  })
})

describe('checkVariables()', () => {
  test('warns of mistyped names and of a key that is set twice', () => {
    expect(checkVariables({ LETTERLOCK_APIKEY: 'x', LETTERLOCK_URL: 'x', LETTERLOCK_BASE_URL: 'x' }).map(({ text }) => text.split(' ')[0])).toEqual(['LETTERLOCK_APIKEY', 'LETTERLOCK_URL'])
    expect(checkVariables({ LETTERLOCK_API_KEY: 'x', LETTERLOCK_API_KEY_FILE: 'y' })).toHaveLength(1)
  })
})

describe('checkProxies()', () => {
  const url = new URL('https://mail.example.com/v1/key')
  const HTTPS_PROXY = 'http://user:password@proxy:3128'
  test.each([
    ['none', {}, []],
    ['one that Node does not use', { HTTPS_PROXY }, ['warning']],
    ['one that it was told to use', { HTTPS_PROXY, NODE_USE_ENV_PROXY: '1' }, ['good']],
    ['one that is passed by', { https_proxy: HTTPS_PROXY, NO_PROXY: 'localhost, .example.com' }, ['good']],
    ['one for another scheme', { HTTP_PROXY: HTTPS_PROXY }, []],
  ])('%s', (_, environment, verdicts) => {
    const remarks = checkProxies(environment, url)
    expect(remarks.map(({ verdict }) => verdict)).toEqual(verdicts)
    expect(JSON.stringify(remarks)).not.toContain('password')
  })
})
