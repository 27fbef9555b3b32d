import { letterlockKeys } from '@letterlock/keys'
import type { NewKey } from '../../src/index.ts'
import type { Rig, RigKey } from './rig.ts'

/** A request. In its path and body `con#1` stands for the first contact that an answer named, and so on; `<next>` for the newest cursor. */
export interface Step {
  readonly method: string
  /** Without `/v1`. */
  readonly path: string
  /** Sent as JSON, text as it is. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Another key than the first; null: none. */
  readonly token?: (() => string) | null
}

/** What a server answered, with names for what no two servers have in common. */
export interface Answer {
  readonly step: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

export interface Talk {
  readonly rig: Rig
  readonly newKey: (key?: NewKey) => Promise<RigKey>
  /** Sends requests one after the other and notes the answers. */
  readonly say: (...steps: readonly Step[]) => Promise<void>
  /** Notes how many requests counted. */
  readonly served: (atLeast: number) => Promise<void>
  /** Waits for the background; looked at with a key of its own, since that takes from its limits. */
  readonly untilSent: (campaignOrEmail: string, mode: 'live' | 'test') => Promise<void>
}

/** What an answer may only differ in: ids, moments, cursors, and what is left of a window. */
const compared = [
  'content-type', 'cache-control', 'ratelimit', 'ratelimit-policy', 'idempotency-replayed', 'www-authenticate', 'allow', 'retry-after',
  'letterlock-key-id', 'letterlock-key-expires-at', 'letterlock-key-superseded', 'x-request-id', 'access-control-allow-origin',
]

/** Runs a case and returns all that was answered. */
export async function transcriptOf(rig: Rig, run: (talk: Talk) => Promise<void>): Promise<Answer[]> {
  const answers: Answer[] = []
  const names = new Map<string, string>()
  const ids = new Map<string, string>()
  let first: RigKey | undefined
  let cursor = ''
  await run({ rig, newKey, say, served, untilSent })
  return answers

  async function newKey(key: NewKey = {}): Promise<RigKey> {
    // so slow that what is left is the same however long the case takes
    const made = await rig.newKey({ rateLimits: [{ name: 'default', limit: '1000/1d' }], ...key })
    first ??= made
    return made
  }

  async function say(...steps: readonly Step[]): Promise<void> {
    for (const step of steps) answers.push(await ask(step))
  }

  async function served(atLeast: number): Promise<void> {
    answers.push({ step: 'requests served', status: 200, headers: {}, body: await rig.requestsServed(atLeast) })
  }

  async function untilSent(sent: string, mode: 'live' | 'test'): Promise<void> {
    const { token } = await rig.newKey({ mode })
    const path = `/${sent.startsWith('eml') ? 'emails' : 'campaigns'}/${sent}`
    await rig.settle(async () => JSON.stringify((await ask(get(path, { token }))).body).includes('"status":"sent"'))
  }

  async function ask({ method, path, body, headers, token = first?.token }: Step): Promise<Answer> {
    const said = `${method} ${path}`
    const text = body === undefined ? null : withIds(typeof body === 'string' ? body : JSON.stringify(body))
    const response = await fetch(`${rig.url}/v1${withIds(path).replace('<next>', cursor)}`, {
      method,
      headers: { ...(token && { authorization: `Bearer ${token()}` }), ...(text !== null && { 'content-type': 'application/json' }), ...headers },
      ...(text !== null && { body: text }),
    })
    const answered = await response.text()
    cursor = /"nextCursor":"([^"]+)"/.exec(answered)?.[1] ?? cursor
    const isJson = response.headers.get('content-type')?.includes('json') && answered !== ''
    return {
      step: letterlockKeys.redactKeys(said).replace(/ll_live_\S+/, '<key>'),
      status: response.status,
      headers: Object.fromEntries(compared.flatMap((name) => (response.headers.has(name) ? [[name, neutral(String(response.headers.get(name)))]] : []))),
      body: isJson ? withoutRequests(JSON.parse(neutral(answered))) : answered,
    }
  }

  function withIds(text: string): string {
    return text.replaceAll(/\b(\w{2,4})#(\d+)/g, (name, kind: string) => ids.get(name) ?? `${kind}_${'0'.repeat(26)}`)
  }

  function neutral(text: string): string {
    return text
      .replaceAll(/\b([a-z]{2,4})_[0-9a-hjkmnp-tv-z]{26}\b/g, (id, kind: string) => nameOf(id, kind))
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<moment>')
      .replaceAll(/"nextCursor":"[^"]+"/g, '"nextCursor":"<cursor>"')
      .replaceAll(/"messageId":"<[0-9a-f]{40}@/g, '"messageId":"<message@')
      .replaceAll(/"revision":\d+/g, '"revision":"<number>"')
      .replaceAll(/;t=\d+/g, ';t=<seconds>')
  }

  function nameOf(id: string, kind: string): string {
    if (kind === 'req') return 'req'
    const name = names.get(id) ?? `${kind}#${[...names.values()].filter((each) => each.startsWith(`${kind}#`)).length + 1}`
    names.set(id, name)
    ids.set(name, id)
    return name
  }
}

/** The server counts requests a little later than it answers them; `served` looks at how many. */
function withoutRequests(body: Record<string, unknown>): Record<string, unknown> {
  const without = (of: unknown) => (Array.isArray(of) ? of.filter((each: { meter?: string }) => each.meter !== 'api.requests') : of)
  return { ...body, ...('data' in body && { data: without(body['data']) }), ...('series' in body && { series: without(body['series']) }) }
}

export const get = (path: string, more: Partial<Step> = {}): Step => ({ method: 'GET', path, ...more })
export const post = (path: string, body: unknown, more: Partial<Step> = {}): Step => ({ method: 'POST', path, body, ...more })
export const put = (path: string, body: unknown): Step => ({ method: 'PUT', path, body })
export const patch = (path: string, body: unknown): Step => ({ method: 'PATCH', path, body })
export const remove = (path: string): Step => ({ method: 'DELETE', path })
