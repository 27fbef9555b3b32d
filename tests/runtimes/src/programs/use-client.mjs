// The client: two calls of a server, and a webhook that is signed and verified.
import { Letterlock } from 'letterlock'
import { scopeRecorder } from 'letterlock/scope-recorder'
import { newWebhookSecret, signWebhook, verifyWebhook } from 'letterlock/webhooks'

/** @param {import('./server.mjs').Server} server */
export async function use({ apiUrl, apiKey }) {
  const recorder = scopeRecorder()
  const letterlock = new Letterlock({ baseUrl: apiUrl, apiKey, middleware: [recorder.middleware] })
  const { id } = await letterlock.lists.create({ name: 'Readers' })
  const { name } = await letterlock.lists.get(id)
  const secret = newWebhookSecret()
  const { type } = await verifyWebhook(await signWebhook({ type: 'contact.deleted', data: { id: 'con_1', email: 'ada@example.com' } }, secret), secret)
  return { name, scopes: recorder.scopes(), type }
}
