// The clients that are compared: each made as its README says, pointed at a server on loopback, and one POST of it.
import { letterlockKeys } from '@letterlock/keys'
import { Unkey } from '@unkey/api'
import { Letterlock } from 'letterlock'
import { LoopsClient } from 'loops'
import { randomBytes } from 'node:crypto'
import { ServerClient } from 'postmark'
import { Resend } from 'resend'
import Stripe from 'stripe'
import { Svix } from 'svix'

export interface OpenSdk {
  readonly client: object
  /** One POST; rejects when it failed, also where the client answers errors instead of throwing them. */
  readonly post: () => Promise<unknown>
}

export interface Sdk {
  readonly name: string
  /** A program that imports the client and makes one. */
  readonly program: string
  /** A key in the form the client wants; made anew. */
  readonly newKey: () => string
  /** Lines of its debug log go to `log`, where it has one. */
  readonly open: (url: URL, key: string, log?: (line: string) => void) => OpenSdk
  readonly hasLog: boolean
}

const random = (prefix: string, length: number) => () => prefix + randomBytes(length).toString('hex')

const letterlock: Sdk = {
  name: 'letterlock',
  program: "import { Letterlock } from 'letterlock'\nexport const client = new Letterlock({ apiKey: 'x' })\n",
  newKey: () => letterlockKeys.issue({ mode: 'live' }).token,
  hasLog: true,
  open: (url, apiKey, log = () => {}) => {
    const logger = { error: log, warn: log, info: log, debug: log }
    const client = new Letterlock({ apiKey, baseUrl: url.href, logger, logLevel: 'debug' })
    return { client, post: () => client.contacts.create({ email: 'ada@example.com' }) }
  },
}

const resend: Sdk = {
  name: 'resend',
  program: "import { Resend } from 'resend'\nexport const client = new Resend('x')\n",
  newKey: random('re_', 16),
  hasLog: false,
  open: (url, key) => {
    const client = new Resend(key, { baseUrl: url.origin })
    return {
      client,
      post: async () => {
        const { data, error } = await client.contacts.create({ email: 'ada@example.com' })
        if (error) throw error // oxlint-disable-line typescript/only-throw-error -- as the client answers it
        return data
      },
    }
  },
}

const stripe: Sdk = {
  name: 'stripe',
  program: "import Stripe from 'stripe'\nexport const client = new Stripe('x')\n",
  newKey: random('sk_test_', 16),
  hasLog: false,
  open: (url, key) => {
    const client = new Stripe(key, { host: url.hostname, port: url.port, protocol: 'http', telemetry: false })
    return { client, post: () => client.customers.create({ email: 'ada@example.com' }) }
  },
}

const svix: Sdk = {
  name: 'svix',
  program: "import { Svix } from 'svix'\nexport const client = new Svix('x')\n",
  newKey: random('testsk_', 16),
  hasLog: false,
  open: (url, key) => {
    const client = new Svix(key, { serverUrl: url.origin })
    return { client, post: () => client.application.create({ name: 'Ada' }) }
  },
}

const loops: Sdk = {
  name: 'loops',
  program: "import { LoopsClient } from 'loops'\nexport const client = new LoopsClient('x')\n",
  newKey: random('', 16),
  hasLog: false,
  open: (url, key) => {
    const client = new LoopsClient(key)
    client.apiRoot = url.href
    return { client, post: () => client.createContact({ email: 'ada@example.com' }) }
  },
}

const postmark: Sdk = {
  name: 'postmark',
  program: "import { ServerClient } from 'postmark'\nexport const client = new ServerClient('x')\n",
  newKey: random('', 16),
  hasLog: false,
  open: (url, key) => {
    const client = new ServerClient(key, { useHttps: false, requestHost: url.host })
    return { client, post: () => client.sendEmail({ From: 'shop@acme.example', To: 'ada@example.com', Subject: 'Hello', TextBody: 'Hello' }) }
  },
}

const unkey: Sdk = {
  name: '@unkey/api',
  program: "import { Unkey } from '@unkey/api'\nexport const client = new Unkey({ rootKey: 'x' })\n",
  newKey: random('unkey_', 16),
  hasLog: true,
  open: (url, rootKey, log) => {
    const line = (...parts: unknown[]) => log?.(parts.map(String).join(' '))
    const client = new Unkey({ rootKey, serverURL: url.origin, ...(log && { debugLogger: { group: line, groupEnd: () => {}, log: line } }) })
    return { client, post: () => client.keys.createKey({ apiId: 'api_1' }) }
  },
}

/** Ours first. */
export const sdks: readonly Sdk[] = [letterlock, resend, stripe, svix, loops, postmark, unkey]
