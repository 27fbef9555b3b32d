import type { Form } from './read-form.ts'
import { badRequest, type OAuthRefusal } from './oauth-answer.ts'

/** The key that a client presents as its secret, and the id that it gives for itself, if any. */
export interface ClientKey {
  readonly key: string
  readonly clientId: string | null
}

/**
 * How a client proves itself (RFC 6749 section 2.3.1): the key is its secret, the key id its name. By Basic, as
 * `client_secret` in the body, or as the Bearer token; by one of them. Null when by none.
 */
export function clientKeyOf(authorization: string | undefined, form: Form): ClientKey | null | OAuthRefusal {
  const secret = form.get('client_secret')
  const clientId = form.get('client_id') ?? null
  if (authorization === undefined) return secret === undefined ? null : { key: secret, clientId }
  if (secret !== undefined) return badRequest('The client proves itself in two ways: send the key in the header or in the body, not in both.')
  const [, scheme = '', credentials = ''] = /^(\w+) +(\S+)$/.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return { key: credentials, clientId }
  if (scheme.toLowerCase() !== 'basic') return { error: 'invalid_client', description: 'Use Basic, or send client_secret in the body.', status: 401 }
  const [name = '', ...password] = Buffer.from(credentials, 'base64').toString('utf8').split(':')
  const given = decoded(name)
  if (clientId !== null && given !== '' && clientId !== given) return badRequest('The header and the body name two clients.')
  return { key: decoded(password.join(':')), clientId: given === '' ? clientId : given }
}

/** Both parts of Basic are form-encoded first; what is not is taken as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
