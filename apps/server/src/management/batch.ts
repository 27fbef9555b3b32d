import { failure, type Failure, invalid } from '../http/failure.ts'

const callsAtMost = 20

/** What is looked at of a request that carries several calls. */
export interface BatchRequest {
  readonly method: string
  readonly url: string
  readonly contentType: string | undefined
  readonly body: string
}

/**
 * The calls of a batch as tRPC clients send it (`/trpc/a,b?batch=1`, inputs by index), each as the request that it would
 * be by itself: so each proves its key, costs its limits and has its own outcome, and none can fail another.
 */
export function splitBatch({ method, url, contentType, body }: BatchRequest): readonly Request[] | Failure {
  if (method !== 'GET' && method !== 'POST') return wrongMethod
  const { origin, pathname, searchParams } = new URL(url)
  if (searchParams.get('batch') !== '1') return badFlag
  const names = namesOf(pathname)
  if (names.length > callsAtMost) return tooMany
  const inputs = inputsOf(method === 'GET' ? searchParams.get('input') : body)
  if ('failure' in inputs) return inputs
  return names.map((name, index) => {
    const address = `${origin}/trpc/${encodeURIComponent(name)}`
    const input = inputs.byIndex[index]
    const json = input === undefined ? undefined : JSON.stringify(input)
    if (method === 'GET') return new Request(json === undefined ? address : `${address}?input=${encodeURIComponent(json)}`)
    return new Request(address, { method, ...(contentType !== undefined && { headers: { 'content-type': contentType } }), ...(json !== undefined && { body: json }) })
  })
}

/** Runs queries side by side and mutations in their order, and answers in that of the calls. */
export async function serveBatch(calls: readonly Request[], serve: (call: Request) => Promise<Response>): Promise<Response> {
  if (calls[0]?.method === 'GET') return join(await Promise.all(calls.map(serve)))
  const answers: Response[] = []
  for (const call of calls) answers.push(await serve(call))
  return join(answers)
}

/** One answer of all: with the status that they share, else 207; the ids of the calls in their order. */
async function join(answers: readonly Response[]): Promise<Response> {
  const texts = await Promise.all(answers.map((answer) => answer.text()))
  const [status = 200, ...others] = new Set(answers.map((answer) => answer.status))
  const valuesOf = (name: string) => answers.flatMap((answer) => answer.headers.get(name) ?? [])
  const [challenge] = valuesOf('www-authenticate')
  const waits = valuesOf('retry-after').map(Number)
  return new Response(`[${texts.join(',')}]`, {
    status: others.length === 0 ? status : 207,
    headers: {
      'content-type': 'application/json',
      'x-request-id': valuesOf('x-request-id').join(', '),
      ...(challenge !== undefined && { 'www-authenticate': challenge }),
      ...(waits.length > 0 && { 'retry-after': String(Math.max(...waits)) }),
    },
  })
}

function namesOf(pathname: string): string[] {
  const path = pathname.slice('/trpc/'.length)
  try {
    return decodeURIComponent(path).split(',')
  } catch {
    return path.split(',') // no procedure has such a name
  }
}

function inputsOf(json: string | null): { readonly byIndex: Readonly<Record<number, unknown>> } | Failure {
  try {
    const byIndex: unknown = JSON.parse(json || '{}')
    return typeof byIndex === 'object' && byIndex !== null && !Array.isArray(byIndex) ? { byIndex: byIndex as Record<number, unknown> } : badInputs // an object
  } catch {
    return badInputs
  }
}

const wrongMethod = failure('method_not_allowed', 'Call queries with GET and mutations with POST.')
const badFlag = invalid([{ path: 'batch', message: 'expected 1' }])
const tooMany = invalid([{ path: '', message: `expected at most ${callsAtMost} calls in a batch` }])
const badInputs = invalid([{ path: 'input', message: 'expected a JSON object with the input of each call by its index, such as {"0":{}}' }])
