import { LetterlockError } from './errors.ts'

/**
 * The URL that operation paths are appended to, ending in `/v1`. A base that has `/v1` already keeps one.
 * @throws LetterlockError `missing_base_url` or `invalid_base_url`
 */
export function apiRoot(baseUrl: string | undefined): string {
  if (!baseUrl) {
    throw new LetterlockError(
      'missing_base_url',
      'It is not known where the API is: set LETTERLOCK_BASE_URL, or give `new Letterlock({ baseUrl })` one, ' +
        'such as http://127.0.0.1:4000.',
    )
  }
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null
  // The text is not shown: it may hold a password.
  if (!url || !/^https?:$/.test(url.protocol)) throw invalid('is not an http(s) URL')
  if (url.username || url.password) throw invalid('has a user or password in it')
  if (url.search || url.hash) throw invalid('has a query or fragment')
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}/v1`
}

function invalid(what: string): LetterlockError {
  return new LetterlockError('invalid_base_url', `The base URL ${what}. Expected one such as http://127.0.0.1:4000.`)
}
