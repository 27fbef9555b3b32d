import { AdminError } from './admin-error.ts'

/** The management API of a server on this machine. */
const localUrl = 'http://127.0.0.1:4001'

/**
 * The URL that names of procedures are appended to.
 * @throws AdminError `invalid_url`
 */
export function trpcUrl(url = localUrl): string {
  const parsed = URL.canParse(url) ? new URL(url) : null
  // The text is not shown: it may hold a password.
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw invalid('is not an http(s) URL')
  if (parsed.username || parsed.password) throw invalid('has a user or password in it')
  if (parsed.search || parsed.hash) throw invalid('has a query or fragment')
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}/trpc`
}

function invalid(what: string): AdminError {
  return new AdminError({ code: 'invalid_url', message: `The URL of the management API ${what}. Expected one such as ${localUrl}.` })
}
