import { newId } from '@letterlock/contract'
import { parsePeppers } from '@letterlock/keys/digest'
import { defineUnsubscribeTokens } from '@letterlock/mail'
import { memoryLimits } from '@letterlock/verifier'
import { type Config, dataFiles, type Role } from './config.ts'
import { type Composition, publicUrl, type Surroundings, type Urls } from './composition.ts'
import { developmentPeppers, openDataDir } from './data-dir.ts'
import { provision, welcome } from './first-start.ts'
import { clientIp } from './http/client-ip.ts'
import { drainAll, type Listener } from './http/listen.ts'
import { openExposedReports } from './http/report-exposed.ts'
import { createSender, type Sender } from './jobs/sender/create-sender.ts'
import { windowFor } from './jobs/sender/limits.ts'
import { sweep } from './jobs/sweeps.ts'
import type { Use } from './jobs/usage-recorder.ts'
import { githubKeys } from './leaks/github-keys.ts'
import { leaksApp } from './leaks/leaks-app.ts'
import { watchCanaries } from './leaks/watch-canaries.ts'
import { joinNodes } from './join-nodes.ts'
import { startMailbox } from './mailbox/start-mailbox.ts'
import { createMetrics } from './metrics.ts'
import { openDatabase } from './open-database.ts'
import { openLimits } from './open-limits.ts'
import { openManagement } from './open-management.ts'
import { openProductApi } from './open-product-api.ts'
import { openTransports } from './open-transports.ts'
import { openUsage } from './open-usage.ts'
import { openVerifier } from './open-verifier.ts'
import { repeat } from './repeat.ts'
import { deriveSecrets } from './secrets.ts'

export interface RunningServer {
  readonly urls: Urls
  /** Drains: every request that has come is answered, what is being sent is finished, usage is saved. */
  stop(): Promise<void>
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
  const composition = await openComposition(config, surroundings, closers)
  const { clock, db, keyFormat, peppers } = composition
  const has = (role: Role) => config.roles.includes(role)
  const mailbox = has('jobs') ? await openMailbox(composition, closers) : null
  const sender = has('jobs') ? await openSender(composition, config.smtpUrl ?? mailbox?.smtpUrl, closers) : null
  const listeners: Listener[] = []
  closers.defer(() => drainAll(listeners))
  if (has('api')) listeners.push(await openProductApi(composition, () => sender?.wake()))
  listeners.push(await openManagement(composition, mailbox?.app ?? null))
  if (has('jobs')) closers.defer(openSweeps(composition))
  await provision({ config, keyFormat, peppers, db, now: clock() }, { ...composition.urls, smtp: mailbox?.smtpUrl })
  sender?.start()
  surroundings.write(welcome(composition.urls, config))
  return composition.urls
}

/** What stands before any listener opens, and until the last has drained: the database, the limits, the verifier, the record of usage. */
async function openComposition(config: Config, surroundings: Surroundings, closers: AsyncDisposableStack): Promise<Composition> {
  const { log, clock, keyFormat, learnPrefixes } = surroundings
  openDataDir(config.dataDir)
  const peppers = parsePeppers(config.peppers ?? developmentPeppers(dataFiles(config.dataDir).peppers))
  const metrics = createMetrics()
  const database = await openDatabase(config, closers, log)
  const { nodeId, liveNodes } = await joinNodes({ db: database.jobsDb, config, log }, closers)
  const needs = { clock, monotonic: () => performance.now(), liveNodes, databaseUrl: database.directUrl, log }
  const limits = await openLimits(config, needs, closers)
  const { takeTokens } = limits
  const opened = await openVerifier({ ...database, config, log, keyFormat, learnPrefixes, peppers, clock, takeTokens }, closers)
  metrics.observeVerifier(() => opened.verifier.state())
  metrics.observeLimits(limits)
  const recorder = openUsage({ ...database, clock, log, metrics, nodeId }, closers)
  const canaries = watchCanaries({ db: database.jobsDb, log })
  closers.defer(canaries.stop)
  const usage = {
    ...recorder,
    recordUse: (use: Use) => {
      recorder.recordUse(use)
      canaries.look(use)
    },
  }
  const { reportExposed, stop } = openExposedReports({ ...database, ...opened, keyFormat, clock, log })
  closers.defer(stop)
  const leaks = leaksApp({
    ...database, ...opened, keyFormat, clock, log,
    redact: keyFormat.redactKeys,
    clientIp: clientIp(config.trustedProxies),
    takeTokens: memoryLimits({ clock }).takeTokens, // who tells of leaks is counted on each node
    githubKeys: githubKeys({ url: config.githubKeysUrl, monotonic: () => performance.now() }),
  })
  return { ...surroundings, ...database, ...opened, ...usage, reportExposed, config, leaks, peppers, urls: {}, secrets: deriveSecrets(peppers), metrics }
}

async function openMailbox({ config, clock }: Composition, closers: AsyncDisposableStack) {
  if (config.env !== 'development' || config.smtpUrl !== undefined) return null
  const directory = dataFiles(config.dataDir).mailbox
  return startMailbox({ host: config.api.host, port: config.mailboxPort, directory, newId: () => newId('email'), clock }, closers)
}

async function openSender(composition: Composition, smtpUrl: string | undefined, closers: AsyncDisposableStack): Promise<Sender> {
  const { config, log, clock, jobsDb, secrets } = composition
  if (smtpUrl === undefined) log.warn('SMTP_URL is not set: live mail waits until it is')
  const { live, test } = await openTransports(config, smtpUrl, closers)
  const tokens = defineUnsubscribeTokens(secrets.unsubscribe)
  const sender = createSender({
    db: jobsDb, clock, log,
    transports: { live: live.handOver, test: test.handOver },
    limits: { connections: config.smtpConnections, inFlightWindow: windowFor(config.smtpConnections) },
    messageIdSecret: secrets.messageId,
    unsubscribeUrl: (subject) => `${publicUrl(composition)}/u/${tokens.issue(subject)}`,
  })
  closers.defer(() => sender.stop())
  return sender
}

function openSweeps({ log, clock, jobsDb: db }: Composition) {
  const warn = (error: unknown, name?: string) => log.warn({ err: error, sweep: name }, 'a sweep failed')
  return repeat(60_000, () => sweep({ db, clock }, warn), warn).stop
}
