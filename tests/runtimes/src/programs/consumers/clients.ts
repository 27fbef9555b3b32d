// A program of an integrator that calls our APIs. It compiles without the types of Node.
import { type Admin, AdminError, createAdmin, type Key } from '@letterlock/admin'
import { newId, operations } from '@letterlock/contract'
import { openapiDocument } from '@letterlock/contract/openapi'
import { findKeys, letterlockKeys, type RedactedKey } from '@letterlock/keys'
import { ApiError, Letterlock, type Middleware, type ScopedLetterlock } from 'letterlock'
import { keyGuard } from 'letterlock/bundler'
import { tracing } from 'letterlock/otel'
import { scopeRecorder } from 'letterlock/scope-recorder'
import { verifyWebhook, webhookDispatcher } from 'letterlock/webhooks'

const slow: Middleware = (request, next) => next(request)
const letterlock = new Letterlock({ middleware: [slow, scopeRecorder().middleware] })
const reader: ScopedLetterlock<'lists:read'> = letterlock.withScopes(['lists:read'])
const admin: Admin = createAdmin({ rootKey: 'from a vault' })

export async function readLists(): Promise<string[]> {
  const names: string[] = []
  for await (const { name } of reader.lists.list({ limit: 10 })) names.push(name)
  const { data, response } = await letterlock.lists.create({ name: 'Readers' }).withResponse()
  return [...names, data.name, response.requestId ?? '']
}

export async function refusalOf(call: () => Promise<unknown>): Promise<string | null> {
  try {
    await call()
  } catch (error) {
    if (error instanceof ApiError) return error.requiredScope ?? error.code
    if (error instanceof AdminError) return error.code
  }
  return null
}

export async function namesOf(workspaceId: string): Promise<string[]> {
  const keys: Key[] = []
  for await (const key of admin.pages(admin.keys.list, { workspaceId })) keys.push(key)
  return keys.map(({ name }) => name)
}

export const receive = async (body: string, headers: Headers) => webhookDispatcher({
  'email.bounced': ({ data }) => console.log(data.to, data.bounce),
}, ({ type }) => console.log(type))(await verifyWebhook({ body, headers }, 'whsec_'))

export const redacted: RedactedKey = letterlockKeys.redact(findKeys('nothing', letterlockKeys)[0]?.token ?? '')
export const accepted: boolean = operations['contacts.create'].body.safeParse({ email: newId('list') }).success
export const document = openapiDocument({ serverUrl: 'https://mail.acme.example', version: '1.0.0' })
export const plugins = [keyGuard(), tracing]

export const refused = [
  // @ts-expect-error a list has no such field
  () => letterlock.lists.create({ nam: 'Readers' }),
  // @ts-expect-error what this client may do does not include it
  () => reader.lists.create({ name: 'Readers' }),
  // @ts-expect-error a procedure takes its input
  () => admin.keys.get({}),
]
