import type { Db } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import type { Peppers } from '@letterlock/keys/digest'
import { existsSync, readFileSync } from 'node:fs'
import { type Config, dataFiles } from './config.ts'
import { writePrivate } from './data-dir.ts'
import { provisionDevelopment, type Provisioned, provisionRootKey } from './management/provision.ts'

/** What `dev.json` says: where everything is, and keys to try it with. */
export interface DevelopmentFile {
  readonly apiUrl: string
  readonly managementUrl: string
  readonly mailboxUrl: string
  readonly smtpUrl: string
  readonly workspaceId: string
  readonly rootKey: string
  readonly liveKey: string
  readonly testKey: string
}

interface FirstStart {
  readonly config: Config
  readonly db: Db
  readonly keyFormat: KeyFormat
  readonly peppers: Peppers
  readonly now: Date
}

interface Addresses {
  readonly api?: string
  readonly management?: string
  readonly mailbox?: string
  readonly smtp?: string | undefined
}

/** Fills an empty database and writes the keys into a file that only its owner can read; later, only addresses change. */
export async function provision(first: FirstStart, urls: Addresses): Promise<void> {
  const files = dataFiles(first.config.dataDir)
  if (first.config.env === 'production') {
    await provisionRootKey(first, (made) => writePrivate(files.rootKey, asFile(made)))
    return
  }
  const { api = '', management = '', mailbox = '', smtp = first.config.smtpUrl ?? '' } = urls
  const keep = ({ workspaceId, rootKey, liveKey, testKey }: Provisioned) => {
    const file: DevelopmentFile = {
      apiUrl: api, managementUrl: management, mailboxUrl: mailbox, smtpUrl: smtp, workspaceId, rootKey, liveKey, testKey,
    }
    writePrivate(files.dev, asFile(file))
  }
  const known = (await provisionDevelopment(first, keep)) ?? readKeys(files.dev)
  if (known) keep(known)
}

/** A later start may have other addresses; the keys of the first one stay. */
function readKeys(file: string): Provisioned | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Provisioned) : null // written by us
}

/** The lines a person sees when the server is ready. Keys stay in their file. */
export function welcome(urls: Addresses, config: Config): string {
  const files = dataFiles(config.dataDir)
  const rows = [
    ['Product API', urls.api && `${urls.api}/v1`],
    ['Management API', urls.management && `${urls.management}/trpc`],
    ['OpenAPI', urls.management && `${urls.management}/openapi.json`],
    ['Mailbox', urls.mailbox && `${urls.mailbox}/messages`],
    ['Keys', [files.dev, files.rootKey].find(existsSync) ?? 'were shown to whoever first started on this database'],
  ].filter((row): row is [string, string] => row[1] !== undefined)
  return ['', ...rows.map(([name, value]) => `  ${name.padEnd(15)} ${value}`), '', 'Letterlock is ready. Stop it with Ctrl-C.', ''].join('\n')
}

function asFile(content: object): string {
  return `${JSON.stringify(content, null, 2)}\n`
}
