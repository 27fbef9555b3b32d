// The management API over lines of its own; each answer carries the moment it came.
import type { FakeGithub } from '@letterlock/server/fake-github'
import { randomUUID } from 'node:crypto'
import { delay } from '../server-process.ts'
import { HttpLine, requestText } from './http-line.ts'

/** What a procedure answered, and when, by the monotonic clock of this process. */
export interface Answered<T> {
  readonly data: T
  /** When the request left. */
  readonly sentAt: number
  readonly answeredAt: number
}

export interface TestKey {
  readonly keyId: string
  readonly token: string
  readonly workspaceId: string
  readonly roleId: string | null
}

export interface KeyWish {
  readonly workspaceId: string
  readonly scopes?: readonly string[]
  readonly roleId?: string
  readonly ipAllow?: readonly string[]
  readonly rateLimits?: readonly { name: string; limit: string; burst?: number }[]
}

/** More than any proof asks for: limits are proven where they are wanted. */
const unlimited = [{ name: 'test', limit: '1000000/1s' }]

export class ManagementClient {
  readonly #lines: HttpLine[]
  readonly #rootKey: string

  constructor(port: number, rootKey: string, lines = 16) {
    this.#lines = Array.from({ length: lines }, () => new HttpLine(port))
    this.#rootKey = rootKey
  }

  /** Calls a mutation; asked to come again (503), it does, up to twenty times. @throws when it is refused or gets no answer */
  async call<T>(procedure: string, input: unknown): Promise<Answered<T>> {
    for (let attempt = 1; ; attempt++) {
      const { text, status, ...times } = await this.post(`/trpc/${procedure}`, input)
      const { result, error } = JSON.parse(text) as { result?: { data: T }; error?: unknown }
      if (result) return { data: result.data, ...times }
      if (status !== 503 || attempt === 20) throw new Error(`${procedure} was refused: ${JSON.stringify(error)}`)
      await delay(100)
    }
  }

  /** Posts JSON with the root key on the line with the least to do. */
  post(path: string, json: unknown): Promise<{ status: number; text: string; sentAt: number; answeredAt: number }> {
    return this.#send(requestText('POST', path, { token: this.#rootKey, json }), path)
  }

  #send(request: string, path: string): Promise<{ status: number; text: string; sentAt: number; answeredAt: number }> {
    const line = this.#lines.reduce((least, each) => (each.waiting < least.waiting ? each : least))
    return new Promise((resolve, reject) => {
      line.send(request, (answer) => {
        const answeredAt = performance.now()
        if (answer) resolve({ status: answer.status, text: answer.body.toString(), sentAt, answeredAt })
        else reject(new Error(`no answer to POST ${path}`))
      })
      const sentAt = performance.now()
    })
  }

  async createWorkspace(quotas?: Record<string, number>): Promise<string> {
    const { data } = await this.call<{ workspace: { id: string } }>('workspaces.create', { name: 'Proof', ...(quotas && { quotas }) })
    return data.workspace.id
  }

  async createKey({ workspaceId, ...wish }: KeyWish): Promise<TestKey> {
    const input = { workspaceId, mode: 'live', name: 'Proof', rateLimits: unlimited, ...wish }
    const { data } = await this.call<{ key: { id: string }; secret: string }>('keys.create', input)
    return { keyId: data.key.id, token: data.secret, workspaceId, roleId: wish.roleId ?? null }
  }

  /** The same key by an access token for all that it may. */
  async exchange(key: TestKey): Promise<TestKey> {
    const { data } = await this.oauth<{ access_token: string }>('token', { grant_type: 'client_credentials', client_secret: key.token })
    return { ...key, token: data.access_token }
  }

  /** Asks an endpoint of OAuth on the management port. @throws when it is refused or gets no answer */
  async oauth<T>(endpoint: string, form: Record<string, string>): Promise<Answered<T>> {
    const { status, text, ...times } = await this.#send(requestText('POST', `/oauth/${endpoint}`, { form }), `/oauth/${endpoint}`)
    if (status !== 200) throw new Error(`POST /oauth/${endpoint} was refused: ${status} ${text}`)
    return { data: JSON.parse(text) as T, ...times }
  }

  /** The alert that GitHub sends when it has found the token. @throws when it is not taken */
  async tellOfLeak(token: string, github: FakeGithub): Promise<Answered<unknown>> {
    const json = [{ token, type: 'letterlock_live_key', url: `https://github.example/${randomUUID()}`, source: 'content' }]
    const { status, text, ...times } = await this.#send(requestText('POST', '/leaks/github', { json, headers: github.headersOf(JSON.stringify(json)) }), '/leaks/github')
    if (status !== 200) throw new Error(`the alert was refused: ${status} ${text}`)
    return { data: JSON.parse(text), ...times }
  }

  async createRole(workspaceId: string, scopes: readonly string[]): Promise<string> {
    const { data } = await this.call<{ role: { id: string } }>('roles.create', { workspaceId, name: `Proof ${randomUUID()}`, scopes })
    return data.role.id
  }

  close(): void {
    for (const line of this.#lines) line.close()
  }
}
