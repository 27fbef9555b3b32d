import { revisions } from '@letterlock/db'
import { Hono } from 'hono'
import { readFileSync } from 'node:fs'
import { type Core, publicUrl } from './core.ts'
import { clientIp } from './http/client-ip.ts'
import { errorRoom } from './http/error-room.ts'
import { listen } from './http/listen.ts'
import { refuseExposed } from './http/refuse-exposed.ts'
import { reportExposed } from './http/report-exposed.ts'
import { statusApp } from './http/status-app.ts'
import { managementApp } from './management/management-app.ts'
import { noteRootKeyUse } from './management/note-root-key-use.ts'
import { notReady } from './not-ready.ts'
import { verifierApi } from './verifier-api/verifier-api.ts'

/**
 * Opens the management port. Every node tells its health and metrics there; the rest is for those with the role
 * `management`, the mailbox for a development server.
 */
export async function openManagement(core: Core, mailbox: Hono | null, closers: AsyncDisposableStack): Promise<void> {
  const { config, db, metrics, urls, verifier } = core
  const app = errorRoom(new Hono(), core)
  const status = statusApp({
    registry: metrics.registry, version, productUrl: () => publicUrl(core), notReady: () => notReady(db, verifier),
  })
  app.route('/', status)
  if (config.roles.includes('management')) {
    const shared = { ...core, clientIp: clientIp(config.trustedProxies), noteUse: noteRootKeyUse(core) }
    app.route('/', managementApp({ ...shared, reportExposed: reportExposed(core) }))
    app.route('/', verifierApi({
      ...shared,
      listChanges: (after) => revisions.listChanges(db, after),
      refuseExposed: refuseExposed({ keyFormat: core.keyFormat, report: reportExposed(core) }),
      redact: core.keyFormat.redactKeys,
      monotonic: () => performance.now(),
    }))
  }
  if (mailbox) app.route('/mailbox', mailbox)
  const listener = await listen({ ...config.management, portVariable: 'LETTERLOCK_MANAGEMENT_PORT', fetch: app.fetch })
  urls.management = listener.url
  if (mailbox) urls.mailbox = `${listener.url}/mailbox`
  closers.defer(() => listener.drain())
}

const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version
