import { failure, type Failure, invalid } from './failure.ts'

/** The largest body of an operation, in bytes. */
export const bodyBytesMax = 1_048_576

/** Reads a body within the bound as UTF-8; empty when the request has none. Never more than the bound is held. */
export async function readText(request: Request): Promise<{ text: string } | Failure> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > bodyBytesMax) return tooLarge
  const bytes = request.body ? await readBytes(request, declared) : empty
  if (!bytes) return tooLarge
  try {
    return { text: utf8.decode(bytes) }
  } catch {
    return notJson
  }
}

/** Reads the JSON of a body; undefined when there is none. */
export function parseJson(text: string, contentType: string | null): { json: unknown } | Failure {
  if (text === '') return { json: undefined }
  if (!isJson(contentType)) return failure('unsupported_media_type', 'Send the body as application/json.')
  try {
    return { json: JSON.parse(text) }
  } catch {
    return notJson
  }
}

async function readBytes(request: Request, declared: number): Promise<Uint8Array | null> {
  if (declared > 0) return new Uint8Array(await request.arrayBuffer())
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) { // Node's streams iterate
    size += chunk.byteLength
    if (size > bodyBytesMax) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function isJson(contentType: string | null) {
  return /^application\/([\w.-]+\+)?json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(contentType ?? '')
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const empty = new Uint8Array()
const tooLarge = failure('payload_too_large', 'The body is larger than 1 MiB.')
const notJson = invalid([{ path: '', message: 'the body is not JSON in UTF-8' }])
