import { type Db, secretShares } from '@letterlock/db'
import { Hono } from 'hono'
import { peerOf } from '../http/peer-of.ts'
import { escapeHtml, page } from '../http/public-pages/page.ts'
import { retryConflicts } from '../http/retry-conflicts.ts'
import { changeByHolder } from '../management/change-control-plane.ts'
import { lookupOf, unsealSecret } from './seal-secret.ts'
import { type ShareStatus, statusOf } from './share-status.ts'

export interface SharePagesDeps {
  readonly db: Db
  readonly clock: () => Date
  /** The address of the caller, kept as the proof of the opening; absent: the other end of the socket. */
  readonly clientIp?: (peer: string, forwardedFor: string | null) => string
}

/**
 * The page behind the link of a shared secret. Reading it changes nothing, since previews of chats and mails open every
 * link; the button shows the secret, once, and that is noted in the audit log.
 */
export function sharePages({ db, clock, clientIp = (peer) => peer }: SharePagesDeps): Hono {
  const app = new Hono()
  app.get('/s/:token', async (c) => {
    const found = await find(c.req.param('token'))
    if (!found) return unknown()
    return waits(found, clock()) ? ask(found) : ended(found, clock())
  })
  app.post('/s/:token', async (c) => {
    const linkToken = c.req.param('token')
    const found = await find(linkToken)
    if (!found) return unknown()
    const ip = clientIp(peerOf(c), c.req.header('x-forwarded-for') ?? null)
    const secret = waits(found, clock()) ? await open(found, { linkToken, ip }) : null
    return secret === null ? ended((await find(linkToken)) ?? found, clock()) : show(found, secret)
  })
  app.all('/s/:token', () => new Response(null, { status: 405, headers: { allow: 'GET, HEAD, POST' } }))
  return app

  async function find(linkToken: string): Promise<secretShares.LinkedShare | null> {
    const lookup = lookupOf(linkToken)
    return lookup && secretShares.findLinkedShare(db, lookup)
  }

  /** Null when somebody was faster, with the link or by taking it back. */
  async function open(share: secretShares.LinkedShare, { linkToken, ip }: { readonly linkToken: string; readonly ip: string }): Promise<string | null> {
    const { id, workspace_id: workspaceId, key_id: keyId } = share
    const { result } = await retryConflicts(() => changeByHolder({ db, clock }, { actor: id, ip, requestId: null }, async (tx, now) => {
      const sealed = await secretShares.openShare(tx, workspaceId, { id, ip, now })
      if (!sealed) return { result: null, changes: null }
      return {
        result: unsealSecret(sealed, { linkToken, id }),
        changes: [{ kind: 'record', id }],
        audit: { chain: workspaceId, action: 'shares.open', target: id, before: { status: 'waiting' }, after: { status: 'opened', keyId } },
      }
    }))
    return result
  }
}

function waits(share: secretShares.LinkedShare, now: Date): boolean {
  return statusOf(share, now) === 'waiting' && share.key_status !== 'revoked'
}

const ask = (share: secretShares.LinkedShare) =>
  page({
    status: 200,
    title: 'An API key for you',
    body: `<p>Somebody shares the secret of the ${share.key_mode} key <strong>${escapeHtml(share.key_name)}</strong> with you.
It is shown <strong>once</strong>: have the place ready where you will keep it.</p>
<form method="post"><button type="submit">Show the secret</button></form>
<p>The link waits until ${utc(share.expires_at)}.</p>`,
  })

const show = (share: secretShares.LinkedShare, secret: string) =>
  page({
    status: 200,
    title: `The secret of ${escapeHtml(share.key_name)}`,
    body: `<pre><code>${escapeHtml(secret)}</code></pre>
<p>Put it into your secret manager or the environment of your program now: this page shows it once, and the link is used up.
Not into source code, a chat, a ticket or an e-mail.</p>`,
  })

function ended(share: secretShares.LinkedShare, now: Date): Response {
  const { title, text } = endings[statusOf(share, now)](share)
  return page({ status: 410, title, body: `<p>${text}</p>` })
}

const gone = () => ({ title: 'This link has ended', text: 'Ask whoever sent it for a new one.' })

const endings: Readonly<Record<ShareStatus, (share: secretShares.LinkedShare) => { title: string; text: string }>> = {
  opened: ({ opened_at: at }) => ({
    title: 'This link was used',
    text: `The secret was shown on ${utc(at)}, and is shown once only. If that was not you, tell whoever sent the link at once: somebody else has the secret.`,
  }),
  revoked: gone,
  expired: gone,
  waiting: gone, // for a key that was revoked
}

const unknown = () =>
  page({ status: 404, title: 'This link does not work', body: '<p>The link is incomplete. Open it again from where it was sent, whole.</p>' })

function utc(at: Date | null): string {
  return `${at?.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
