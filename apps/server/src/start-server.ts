import { newId } from '@letterlock/contract'
import { type Db, listPendingMigrations, usage } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import { parsePeppers, type Peppers } from '@letterlock/keys/digest'
import { defineUnsubscribeTokens, type MailTransport, simulatorTransport, smtpTransport } from '@letterlock/mail'
import { readFileSync } from 'node:fs'
import { createHandlers } from './api/handlers.ts'
import { type Config, dataFiles } from './config.ts'
import { developmentPeppers, openDataDir } from './data-dir.ts'
import { type DevelopmentFile, welcome } from './development.ts'
import { authenticate } from './http/authenticate.ts'
import { clientIp } from './http/client-ip.ts'
import { createVerify } from './http/create-verify.ts'
import { listen } from './http/listen.ts'
import { productApp } from './http/product-app.ts'
import { publicPages } from './http/public-pages/public-pages.ts'
import { reportExposed } from './http/report-exposed.ts'
import { statusApp } from './http/status-app.ts'
import { createSender } from './jobs/sender/create-sender.ts'
import { sweep } from './jobs/sweeps.ts'
import { UsageRecorder } from './jobs/usage-recorder.ts'
import type { Log } from './log.ts'
import { startMailbox } from './mailbox/start-mailbox.ts'
import { managementApp } from './management/management-app.ts'
import { createMetrics } from './metrics.ts'
import { openDatabase } from './open-database.ts'
import { repeat } from './repeat.ts'
import { deriveSecrets } from './secrets.ts'

export interface Urls {
  api?: string
  management?: string
  mailbox?: string
}

export interface RunningServer {
  readonly urls: Urls
  /** Drains: every request that has come is answered, what is being sent is finished, usage is saved. */
  stop(): Promise<void>
}

interface Surroundings {
  readonly log: Log
  readonly keyFormat: KeyFormat
  readonly clock: () => Date
  /** Where a person reads what the server says at its start. */
  readonly write: (text: string) => void
}

/** Starts everything that the roles of this process ask for; what was started is stopped again when a part fails. */
export async function startServer(config: Config, surroundings: Surroundings): Promise<RunningServer> {
  const closers = new AsyncDisposableStack()
  try {
    const urls = await start(config, surroundings, closers)
    return { urls, stop: () => closers.disposeAsync() }
  } catch (error) {
    await closers.disposeAsync()
    throw error
  }
}

async function start(config: Config, surroundings: Surroundings, closers: AsyncDisposableStack): Promise<Urls> {
  const { log, keyFormat, clock, write } = surroundings
  const files = dataFiles(config.dataDir)
  openDataDir(config.dataDir)
  const peppers = parsePeppers(config.peppers ?? developmentPeppers(files.peppers))
  const secrets = deriveSecrets(peppers)
  const { db, jobsDb } = await openDatabase(config, closers, log)
  const metrics = createMetrics()
  const urls: Urls = {}
  const has = (role: Config['roles'][number]) => config.roles.includes(role)
  const publicUrl = () => config.publicUrl ?? urls.api ?? `http://${config.api.host}:${config.api.port}`
  const tokens = defineUnsubscribeTokens(secrets.unsubscribe)
  const verify = createVerify({ db, keyFormat, peppers, clock, log })
  const mailbox = config.env === 'development' && config.smtpUrl === undefined && has('jobs')
    ? await startMailbox({ host: config.api.host, port: config.mailboxPort, directory: files.mailbox, newId: newMessageId, clock }, closers)
    : null
}
