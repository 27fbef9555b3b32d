import { newId, type OperationId } from '@letterlock/contract'
import { type Db, usage } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import { parsePeppers, type Peppers } from '@letterlock/keys/digest'
import { defineUnsubscribeTokens } from '@letterlock/mail'
import { Hono } from 'hono'
import { readFileSync } from 'node:fs'
import { handlers } from './api/handlers.ts'
import { type Config, dataFiles, type Role } from './config.ts'
import { developmentPeppers, openDataDir } from './data-dir.ts'
import { provision, welcome } from './first-start.ts'
import { authenticate } from './http/authenticate.ts'
import { clientIp } from './http/client-ip.ts'
import { createVerify } from './http/create-verify.ts'
import { errorRoom } from './http/error-room.ts'
import { listen } from './http/listen.ts'
import { productApp } from './http/product-app.ts'
import { publicPages } from './http/public-pages/public-pages.ts'
import { refuseExposed } from './http/refuse-exposed.ts'
import { reportExposed } from './http/report-exposed.ts'
import { statusApp } from './http/status-app.ts'
import { WriteTurns } from './http/write-turns.ts'
import { createSender, type Sender } from './jobs/sender/create-sender.ts'
import { windowFor } from './jobs/sender/limits.ts'
import { sweep } from './jobs/sweeps.ts'
import { type UsageBatch, UsageRecorder } from './jobs/usage-recorder.ts'
import type { Log } from './log.ts'
import { startMailbox } from './mailbox/start-mailbox.ts'
import { managementApp } from './management/management-app.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { notReady } from './not-ready.ts'
import { type Database, openDatabase } from './open-database.ts'
import { openTransports } from './open-transports.ts'
import { repeat } from './repeat.ts'
import { deriveSecrets, type DerivedSecrets } from './secrets.ts'

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
  const database = await openDatabase(config, closers, log)
  const core: Core = { ...surroundings, ...database, config, peppers, urls: {}, secrets: deriveSecrets(peppers), metrics: createMetrics() }
  const has = (role: Role) => config.roles.includes(role)
  const mailbox = has('jobs') ? await openMailbox(core, files.mailbox, closers) : null
  const sender = has('jobs') ? await openSender(core, config.smtpUrl ?? mailbox?.smtpUrl, closers) : null
  if (has('api')) await openProductApi(core, () => sender?.wake(), closers)
  if (has('management')) await openManagement(core, mailbox?.app ?? null, closers)
  if (has('jobs')) closers.defer(repeat(60_000, () => sweep(core.jobsDb, clock()), (error) => log.warn({ err: error }, 'a sweep failed')).stop)
  await provision({ config, keyFormat, peppers, db: core.db, now: clock() }, { ...core.urls, smtp: mailbox?.smtpUrl })
  sender?.start()
  write(welcome(core.urls, config))
  return core.urls
}

/** What the parts of one server share. */
interface Core extends Surroundings, Database {
  readonly config: Config
  readonly peppers: Peppers
  readonly secrets: DerivedSecrets
  readonly metrics: Metrics
  /** Filled in as the listeners open. */
  readonly urls: Urls
}

async function openMailbox({ config, clock }: Core, directory: string, closers: AsyncDisposableStack) {
  if (config.env !== 'development' || config.smtpUrl !== undefined) return null
  return startMailbox({ host: config.api.host, port: config.mailboxPort, directory, newId: () => newId('email'), clock }, closers)
}

async function openSender(core: Core, smtpUrl: string | undefined, closers: AsyncDisposableStack): Promise<Sender> {
  const { config, log, clock, jobsDb, secrets, urls } = core
  if (smtpUrl === undefined) log.warn('SMTP_URL is not set: live mail waits until it is')
  const { live, test } = await openTransports(config, smtpUrl, closers)
  const tokens = defineUnsubscribeTokens(secrets.unsubscribe)
  const sender = createSender({
    db: jobsDb, clock, log,
    transports: { live: live.handOver, test: test.handOver },
    limits: { connections: config.smtpConnections, inFlightWindow: windowFor(config.smtpConnections) },
    messageIdSecret: secrets.messageId,
    unsubscribeUrl: (subject) => `${publicUrl(config, urls)}/u/${tokens.issue(subject)}`,
  })
  closers.defer(() => sender.stop())
  return sender
}

async function openProductApi(core: Core, wakeSender: () => void, closers: AsyncDisposableStack): Promise<void> {
  const { config, db, log, clock, metrics, secrets, urls } = core
  const recorder = new UsageRecorder({
    save: (batch) => saveUsage(core.jobsDb, batch, clock()),
    newBatchId: () => newId('request'),
    onError: (error) => log.warn({ err: error }, 'usage could not be saved; it is kept and tried again'),
  })
  metrics.observeUsageWaiting(() => recorder.waiting)
  recorder.start(1_000)
  closers.defer(() => recorder.stop())
  const app = productApp({
    db, log, clock,
    handlers,
    writeTurns: new WriteTurns(),
    redact: core.keyFormat.redactKeys,
    authenticate: authenticate(createVerify(core)),
    refuseExposed: refuseExposed({ keyFormat: core.keyFormat, report: reportExposed(core) }),
    clientIp: clientIp(config.trustedProxies),
    recordUse: (use) => {
      metrics.requests.inc({ operation: use.operationId, outcome: use.outcome })
      metrics.requestSeconds.observe({ operation: use.operationId }, use.seconds)
      if (use.principal) recorder.record({ ...use, principal: use.principal })
      if (use.outcome === 'ok' && sendingOperations.has(use.operationId)) wakeSender()
    },
  })
  app.route('/', publicPages({ db, clock, clientIp: clientIp(config.trustedProxies), tokens: defineUnsubscribeTokens(secrets.unsubscribe) }))
  const listener = await listen({ ...config.api, portVariable: 'LETTERLOCK_API_PORT', fetch: app.fetch })
  urls.api = listener.url
  closers.defer(() => listener.drain())
}

async function openManagement(core: Core, mailbox: Hono | null, closers: AsyncDisposableStack): Promise<void> {
  const { config, db, clock, log, keyFormat, peppers, metrics, urls } = core
  const app = errorRoom(new Hono(), core)
  const status = statusApp({
    registry: metrics.registry, version, productUrl: () => publicUrl(config, urls), notReady: () => notReady(db),
  })
  app.route('/', status)
  app.route('/', managementApp({
    db, clock, log, keyFormat, peppers,
    verify: createVerify(core), reportExposed: reportExposed(core), clientIp: clientIp(config.trustedProxies),
  }))
  if (mailbox) app.route('/mailbox', mailbox)
  const listener = await listen({ ...config.management, portVariable: 'LETTERLOCK_MANAGEMENT_PORT', fetch: app.fetch })
  urls.management = listener.url
  if (mailbox) urls.mailbox = `${listener.url}/mailbox`
  closers.defer(() => listener.drain())
}

function publicUrl(config: Config, urls: Urls): string {
  return config.publicUrl ?? urls.api ?? `http://${config.api.host}:${config.api.port}`
}

async function saveUsage(db: Db, batch: UsageBatch, now: Date): Promise<void> {
  await db.transaction().execute((tx) => usage.saveUsageBatch(tx, { ...batch, now }))
}

// after these the sender has work; it would find it by itself within its poll interval
const sendingOperations = new Set<OperationId>(['campaigns.send', 'emails.send'])

const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version
