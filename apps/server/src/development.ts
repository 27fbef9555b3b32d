import { existsSync } from 'node:fs'
import { writePrivate } from './data-dir.ts'

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

export function writeDevelopmentFile(file: string, content: DevelopmentFile): void {
  writePrivate(file, `${JSON.stringify(content, null, 2)}\n`)
}

/** The lines a person sees when the server is ready. Keys stay in the file. */
export function welcome(urls: { api?: string; management?: string; mailbox?: string }, file: string): string {
  const rows = [
    ['Product API', urls.api && `${urls.api}/v1`],
    ['Management API', urls.management && `${urls.management}/trpc`],
    ['OpenAPI', urls.management && `${urls.management}/openapi.json`],
    ['Mailbox', urls.mailbox && `${urls.mailbox}/messages`],
    ['Keys', existsSync(file) ? file : undefined],
  ].filter((row): row is [string, string] => row[1] !== undefined)
  return ['', ...rows.map(([name, value]) => `  ${name.padEnd(15)} ${value}`), '', 'Letterlock is ready. Stop it with Ctrl-C.', ''].join('\n')
}
