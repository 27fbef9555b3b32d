import { type Db, unsubscribes } from '@letterlock/db'
import type { UnsubscribeTokens } from '@letterlock/mail'
import { Hono } from 'hono'
import { peerOf } from '../peer-of.ts'
import { retryConflicts } from '../retry-conflicts.ts'
import { page } from './page.ts'

export interface PublicPagesDeps {
  readonly db: Db
  readonly tokens: Pick<UnsubscribeTokens, 'read'>
  readonly clock: () => Date
  /** The address of the caller, kept with the withdrawal of consent; absent: the other end of the socket. */
  readonly clientIp?: (peer: string, forwardedFor: string | null) => string
}

/**
 * The pages behind links in mails. Reading one changes nothing: scanners and previews open every link. A POST
 * acts at once, from the button or as RFC 8058 one-click; it needs no cookie and asks nothing more.
 */
export function publicPages({ db, tokens, clock, clientIp = (peer) => peer }: PublicPagesDeps): Hono {
  const app = new Hono()
  app.get('/u/:token', (c) => (tokens.read(c.req.param('token')) === null ? unknown() : ask()))
  app.post('/u/:token', async (c) => {
    const subject = tokens.read(c.req.param('token'))
    if (subject === null) return unknown()
    // where the campaign is gone, there is nothing left to withdraw
    const environmentId = await unsubscribes.findEnvironmentOfCampaign(db, subject.campaignId)
    const link = { ...subject, ip: clientIp(peerOf(c), c.req.header('x-forwarded-for') ?? null), now: clock() }
    if (environmentId !== null) {
      await retryConflicts(() => db.transaction().execute((tx) => unsubscribes.unsubscribe(tx, environmentId, link)))
    }
    return done()
  })
  app.all('/u/:token', () => new Response(null, { status: 405, headers: { allow: 'GET, HEAD, POST' } }))
  return app
}

const ask = () =>
  page({
    status: 200,
    title: 'Unsubscribe',
    body: '<p>Do you want to stop receiving these e-mails?</p><form method="post"><button type="submit">Unsubscribe</button></form>',
  })

const done = () =>
  page({ status: 200, title: 'You are unsubscribed', body: '<p>You will not receive these e-mails any more. You can close this page.</p>' })

const unknown = () =>
  page({
    status: 404,
    title: 'This link does not work',
    body: '<p>The link is incomplete or too old. Open it again from the e-mail, whole.</p>',
  })
