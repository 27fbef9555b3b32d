import type { z } from 'zod'
import { RemoteVerifierError } from './remote-error.ts'

/** Asks one server, with a root key that nobody gets to see. */
export interface ServerClient {
  readonly ask: <Schema extends z.ZodType>(path: string, schema: Schema, options: Question) => Promise<z.output<Schema>>
}

interface Question {
  /** Sent as JSON by POST; a GET when absent. */
  readonly body?: unknown
  readonly signal: AbortSignal
}

export interface ServerClientOptions {
  readonly url: string
  readonly rootKey: string
  readonly fetch: typeof fetch
  readonly allowInsecure: boolean
}

/** @throws RemoteVerifierError `bad_options` when the URL is none, or would carry the root key in the clear */
export function serverClient({ url, rootKey, fetch, allowInsecure }: ServerClientOptions): ServerClient {
  const base = baseOf(url, allowInsecure)
  return {
    async ask(path, schema, { body, signal }) {
      const response = await unlessUnreachable(() => fetch(base + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${rootKey}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'error', // the root key goes where it was meant to go
        cache: 'no-store',
        signal,
      }))
      const text = await unlessUnreachable(() => readBounded(response))
      if (response.status !== 200) throw refused(response.status, text)
      const parsed = schema.safeParse(parseJson(text))
      if (!parsed.success) throw new RemoteVerifierError('bad_answer', `The answer of ${path.split('?')[0]} cannot be read.`)
      return parsed.data
    },
  }
}

function baseOf(text: string, allowInsecure: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || url.username || url.password || url.search || url.hash) throw badOptions('url must be the URL of the management listener, without credentials and query')
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && (allowInsecure || loopback.test(url.hostname)))
  if (!isSafe) throw badOptions('url must be https, because the root key and the keys go over it; set allowInsecure to send them in the clear')
  return `${url.origin}${url.pathname.replace(/\/$/, '')}`
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

async function unlessUnreachable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RemoteVerifierError) throw error
    throw new RemoteVerifierError('unreachable', 'The server cannot be reached, or did not answer in time.', { cause: error })
  }
}

/** Never more than the bound is held. */
async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array // what fetch gives
    size += bytes.byteLength
    if (size > answerBytesMax) throw new RemoteVerifierError('bad_answer', 'The answer is larger than 8 MiB.')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function refused(status: number, text: string): RemoteVerifierError {
  const body = parseJson(text) as { code?: unknown } | null | undefined
  const code = typeof body?.code === 'string' && /^\w{1,40}$/.test(body.code) ? body.code : 'no code'
  return new RemoteVerifierError('refused', `The server answered ${status} (${code}).${advices.get(status) ?? ''}`, { status })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function badOptions(message: string): RemoteVerifierError {
  return new RemoteVerifierError('bad_options', `${message}.`)
}

const advices = new Map([
  [401, ' The root key is not valid, or no longer.'],
  [403, ' The root key needs the scope verifier:read.'],
])
const answerBytesMax = 8 * 1_048_576
