import type { KeyFormat } from '@letterlock/keys'
import type { Peppers } from '@letterlock/keys/digest'
import type { Hono } from 'hono'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Database } from './open-database.ts'
import type { OpenUsage } from './open-usage.ts'
import type { OpenVerifier } from './open-verifier.ts'
import type { DerivedSecrets } from './secrets.ts'

export interface Urls {
  api?: string
  management?: string
  mailbox?: string
}

/** What a server is started with. */
export interface Surroundings {
  readonly log: Log
  readonly keyFormat: KeyFormat
  /** Told what foreign tokens begin with, for `keyFormat.redactKeys`. */
  readonly learnPrefixes: (prefixes: readonly string[]) => void
  readonly clock: () => Date
  /** Where a person reads what the server says at its start. */
  readonly write: (text: string) => void
}

/** What the parts of one server share. */
export interface Composition extends Surroundings, Database, OpenVerifier, OpenUsage {
  readonly config: Config
  readonly peppers: Peppers
  readonly secrets: DerivedSecrets
  readonly metrics: Metrics
  /** Flags a key that was seen where none may be, if it is a real one; no one waits for it. */
  readonly reportExposed: (token: string) => void
  /** Where leaks are told of; both listeners have it. */
  readonly leaks: Hono
  /** Filled in as the listeners open. */
  readonly urls: Urls
}

/** Where people and programs outside reach the product API. */
export function publicUrl({ config, urls }: Pick<Composition, 'config' | 'urls'>): string {
  return config.publicUrl ?? urls.api ?? `http://${config.api.host}:${config.api.port}`
}
