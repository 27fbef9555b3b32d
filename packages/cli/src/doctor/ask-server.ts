/** One request of the key for itself: `GET /v1/key`. */

/** What the server answered; text values are as it sent them. */
export type Answer = {
  readonly status: number
  readonly headers: Headers
  /** Undefined when it is no JSON object. */
  readonly body: Readonly<Record<string, unknown>> | undefined
  /** Milliseconds since 1970 of this machine, before and after. */
  readonly askedAt: number
  readonly answeredAt: number
}

/** No answer came. */
export type Silence = { readonly reason: string }

const timeoutMs = 10_000
const maxBodyLength = 64 * 1024

/** Follows no redirect: a key goes to no other place. */
export async function askServer(url: URL, token: string, clock: () => number): Promise<Answer | Silence> {
  const askedAt = clock()
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}`, accept: 'application/json' }, redirect: 'manual', signal })
    const answeredAt = clock()
    const { status, headers } = response
    return { status, headers, body: objectIn(await textOf(response)), askedAt, answeredAt }
  } catch (error) {
    return { reason: reasonOf(error) }
  }
}

async function textOf(response: Response): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const block of response.body ?? []) {
    text += decoder.decode(block, { stream: true })
    if (text.length > maxBodyLength) break
  }
  return text
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up now: no network, or no name server',
  ECONNREFUSED: 'nothing listens there: the server is not running, or on another port',
  ECONNRESET: 'the connection was broken: is it https on that port?',
  ETIMEDOUT: 'nobody answers: a firewall may be in between',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed: NODE_EXTRA_CA_CERTS names a file with it',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of an authority that is not known: NODE_EXTRA_CA_CERTS names a file with it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'it does not send the certificate of its authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak https on that port',
  UND_ERR_SOCKET: 'it broke the connection off',
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an unknown error'
  return `${reasons[code] ?? 'the request failed'} (${code})`
}
