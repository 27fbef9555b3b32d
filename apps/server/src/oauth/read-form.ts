import { isFailure } from '../http/failure.ts'
import { readText } from '../http/read-json.ts'
import { badRequest, type OAuthRefusal } from './oauth-answer.ts'

/** The parameters of a request; an empty one is as one that was not sent (RFC 6749 section 3.2). */
export type Form = ReadonlyMap<string, string>

/** Reads a form of at most 64 KiB; a parameter that comes twice is refused. */
export async function readForm(request: Request): Promise<Form | OAuthRefusal> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    return { ...badRequest('Send the parameters as application/x-www-form-urlencoded.'), status: 415 }
  }
  const body = await readText(request)
  if (isFailure(body) || body.text.length > 65_536) return { ...badRequest('The body is larger than 64 KiB, or not in UTF-8.'), status: 413 }
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(body.text)) {
    if (form.has(name)) return badRequest(`The parameter ${JSON.stringify(name.slice(0, 40))} comes twice.`)
    form.set(name, value)
  }
  for (const [name, value] of form) if (value === '') form.delete(name)
  return form
}
