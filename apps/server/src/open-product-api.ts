import { defineUnsubscribeTokens } from '@letterlock/mail'
import { handlers } from './api/handlers.ts'
import { type Composition, publicUrl } from './composition.ts'
import { authenticate } from './http/authenticate.ts'
import { clientIp } from './http/client-ip.ts'
import { type Listener, listen } from './http/listen.ts'
import { productApp } from './http/product-app.ts'
import { publicPages } from './http/public-pages/public-pages.ts'
import { refuseExposed } from './http/refuse-exposed.ts'
import { WriteTurns } from './http/write-turns.ts'
import type { UsedOperation } from './jobs/usage-recorder.ts'
import { oauthApp } from './oauth/oauth-app.ts'
import { sharePages } from './shares/share-pages.ts'

/** Opens the product API, the exchange of keys for access tokens, and the pages that links lead to. */
export async function openProductApi(composition: Composition, wakeSender: () => void): Promise<Listener> {
  const { config, db, log, clock, secrets, keyFormat } = composition
  const addressOf = clientIp(config.trustedProxies)
  const app = productApp({
    db, log, clock, handlers,
    writeTurns: new WriteTurns(),
    settle: composition.settle,
    redact: keyFormat.redactKeys,
    maxStalenessMs: config.maxStalenessMs,
    authenticate: authenticate(composition.verifier.verify, keyFormat),
    keyFormat,
    reportExposed: composition.reportExposed,
    refuseExposed: refuseExposed({ keyFormat, report: composition.reportExposed }),
    clientIp: addressOf,
    recordUse: (use) => {
      composition.recordUse(use)
      if (use.outcome === 'ok' && sendingOperations.has(use.operationId)) wakeSender()
    },
  })
  app.route('/', publicPages({ db, clock, clientIp: addressOf, tokens: defineUnsubscribeTokens(secrets.unsubscribe) }))
  app.route('/', oauthApp({ ...composition, verify: composition.verifier.verify, clientIp: addressOf, publicUrl: () => publicUrl(composition) }))
  app.route('/', composition.leaks)
  app.route('/', sharePages({ db, clock, clientIp: addressOf }))
  const listener = await listen({ ...config.api, portVariable: 'LETTERLOCK_API_PORT', fetch: app.fetch })
  composition.urls.api = listener.url
  return listener
}

// after these the sender has work; it would find it by itself within its poll interval
const sendingOperations = new Set<UsedOperation>(['campaigns.send', 'emails.send'])
