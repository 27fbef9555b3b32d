import { revisions, secretVersions } from '@letterlock/db'
import { Hono } from 'hono'
import { readFileSync } from 'node:fs'
import { type Composition, publicUrl } from './composition.ts'
import { clientIp } from './http/client-ip.ts'
import { errorRoom } from './http/error-room.ts'
import { type Listener, listen } from './http/listen.ts'
import { refuseExposed } from './http/refuse-exposed.ts'
import { statusApp } from './http/status-app.ts'
import { managementApp } from './management/management-app.ts'
import { noteRootKeyUse } from './management/note-root-key-use.ts'
import { notReady } from './not-ready.ts'
import { oauthApp } from './oauth/oauth-app.ts'
import { verifierApi } from './verifier-api/verifier-api.ts'

/**
 * Opens the management port. Every node tells its health and metrics there; the rest is for those with the role
 * `management`, the mailbox for a development server.
 */
export async function openManagement(composition: Composition, mailbox: Hono | null): Promise<Listener> {
  const { clock, config, db, metrics, urls, verifier } = composition
  const app = errorRoom(new Hono(), composition)
  const status = statusApp({
    registry: metrics.registry, version, productUrl: () => publicUrl(composition), notReady: () => notReady(db, verifier),
  })
  app.route('/', status)
  if (config.roles.includes('management')) {
    const shared = {
      ...composition, publicUrl: () => publicUrl(composition), clientIp: clientIp(config.trustedProxies), noteUse: noteRootKeyUse(composition),
    }
    app.route('/', managementApp(shared))
    app.route('/', composition.leaks)
    app.route('/', oauthApp({ ...shared, verify: composition.verifier.verify }))
    app.route('/', verifierApi({
      ...shared,
      listChanges: async (after, stamp) => composition.foreignPrefixes.after(await revisions.listChanges(db, after, stamp)),
      refuseExposed: refuseExposed({ keyFormat: composition.keyFormat, report: composition.reportExposed }),
      noteRemoteProofs: (proofs) => secretVersions.noteRemoteProofs(db, proofs, clock()),
      redact: composition.keyFormat.redactKeys,
      monotonic: () => performance.now(),
    }))
  }
  if (mailbox) app.route('/mailbox', mailbox)
  const listener = await listen({ ...config.management, portVariable: 'LETTERLOCK_MANAGEMENT_PORT', fetch: app.fetch })
  urls.management = listener.url
  if (mailbox) urls.mailbox = `${listener.url}/mailbox`
  return listener
}

const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version
