import { newId, type OperationId } from '@letterlock/contract'
import { type Db, usage } from '@letterlock/db'
import { defineUnsubscribeTokens } from '@letterlock/mail'
import { handlers } from './api/handlers.ts'
import type { Composition } from './composition.ts'
import { authenticate } from './http/authenticate.ts'
import { clientIp } from './http/client-ip.ts'
import { listen } from './http/listen.ts'
import { productApp } from './http/product-app.ts'
import { publicPages } from './http/public-pages/public-pages.ts'
import { refuseExposed } from './http/refuse-exposed.ts'
import { reportExposed } from './http/report-exposed.ts'
import { WriteTurns } from './http/write-turns.ts'
import { type UsageBatch, UsageRecorder } from './jobs/usage-recorder.ts'

/** Opens the product API and the pages that mails link to; usage is saved from here. */
export async function openProductApi(composition: Composition, wakeSender: () => void, closers: AsyncDisposableStack): Promise<void> {
  const { config, db, log, clock, metrics, secrets, keyFormat } = composition
  const recorder = openRecorder(composition, closers)
  const addressOf = clientIp(config.trustedProxies)
  const app = productApp({
    db, log, clock, handlers,
    writeTurns: new WriteTurns(),
    settle: composition.settle,
    redact: keyFormat.redactKeys,
    maxStalenessMs: config.maxStalenessMs,
    authenticate: authenticate(composition.verifier.verify, keyFormat),
    refuseExposed: refuseExposed({ keyFormat, report: reportExposed(composition) }),
    clientIp: addressOf,
    recordUse: (use) => {
      metrics.requests.inc({ operation: use.operationId, outcome: use.outcome })
      metrics.requestSeconds.observe({ operation: use.operationId }, use.durationMs / 1_000)
      recorder.record(use)
      if (use.outcome === 'ok' && sendingOperations.has(use.operationId)) wakeSender()
    },
  })
  app.route('/', publicPages({ db, clock, clientIp: addressOf, tokens: defineUnsubscribeTokens(secrets.unsubscribe) }))
  const listener = await listen({ ...config.api, portVariable: 'LETTERLOCK_API_PORT', fetch: app.fetch })
  composition.urls.api = listener.url
  closers.defer(() => listener.drain())
}

function openRecorder({ jobsDb, clock, log, metrics }: Composition, closers: AsyncDisposableStack): UsageRecorder {
  const recorder = new UsageRecorder({
    save: (batch) => saveUsage(jobsDb, batch, clock()),
    newBatchId: () => newId('request'),
    onError: (error) => log.warn({ err: error }, 'usage could not be saved; it is kept and tried again'),
  })
  metrics.observeUsage(() => recorder.state())
  recorder.start(1_000)
  closers.defer(() => recorder.stop())
  return recorder
}

async function saveUsage(db: Db, batch: UsageBatch, now: Date): Promise<void> {
  await db.transaction().execute((tx) => usage.saveUsageBatch(tx, { ...batch, now }))
}

// after these the sender has work; it would find it by itself within its poll interval
const sendingOperations = new Set<OperationId>(['campaigns.send', 'emails.send'])
