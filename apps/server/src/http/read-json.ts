import { failure, type Failure, invalid } from './failure.ts'

/** The largest body of an operation, in bytes. */
export const bodyBytesMax = 1_048_576

/** Reads a JSON body within the bound; undefined when the request has none. Never more than the bound is held. */
export async function readJson(request: Request): Promise<{ json: unknown } | Failure> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > bodyBytesMax) return tooLarge
  const bytes = request.body ? await readBytes(request, declared) : empty
  if (!bytes) return tooLarge
  if (bytes.byteLength === 0) return { json: undefined }
  if (!isJson(request.headers.get('content-type'))) {
    return failure('unsupported_media_type', 'Send the body as application/json.')
  }
  return parse(bytes)
}

/** The body of a request that will be refused, as far as it is small enough to be looked at. */
export async function beginningOf(request: Request): Promise<string> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  return declared > 0 && declared <= 16_384 ? request.text() : ''
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

function parse(bytes: Uint8Array): { json: unknown } | Failure {
  try {
    return { json: JSON.parse(utf8.decode(bytes)) }
  } catch {
    return invalid([{ path: '', message: 'the body is not JSON in UTF-8' }])
  }
}

function isJson(contentType: string | null) {
  return /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType ?? '')
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const empty = new Uint8Array()
const tooLarge = failure('payload_too_large', 'The body is larger than 1 MiB.')
