import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** GitHub as a partner of its secret scanning sees it: publishes keys on loopback, and signs alerts with one of them. */
export async function startFakeGithub() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const identifier = randomBytes(32).toString('hex')
  const state = { asked: 0, notModified: 0, isOut: false, published: [{ key_identifier: identifier, key: publicKey.export({ type: 'spki', format: 'pem' }), is_current: true }] }
  const server = createServer((request, response) => {
    state.asked += 1
    if (state.isOut) return void response.writeHead(503).end()
    const body = JSON.stringify({ public_keys: state.published })
    const etag = `"${state.published.length}-${state.published[0]?.key_identifier ?? ''}"`
    if (request.headers['if-none-match'] === etag) {
      state.notModified += 1
      return void response.writeHead(304, { etag }).end()
    }
    response.writeHead(200, { 'content-type': 'application/json', etag }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/meta/public_keys/secret_scanning`
  return { url, state, identifier, headersOf, stop: () => new Promise((resolve) => server.close(resolve)) }

  /** What GitHub sends with a body. */
  function headersOf(body: string | Uint8Array, key = privateKey, name = identifier): Record<string, string> {
    const signature = sign('sha256', Buffer.from(body), { key, dsaEncoding: 'der' }).toString('base64')
    return { 'content-type': 'application/json', 'github-public-key-identifier': name, 'github-public-key-signature': signature }
  }
}

export type FakeGithub = Awaited<ReturnType<typeof startFakeGithub>>
