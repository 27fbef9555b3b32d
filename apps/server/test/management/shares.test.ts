import { newId, rootScopeNames, type WorkspaceId } from '@letterlock/contract'
import { letterlockKeys } from '@letterlock/keys'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sweep } from '../../src/jobs/sweeps.ts'
import { sharePages } from '../../src/shares/share-pages.ts'
import { createTestManagement, keyIdOf, type TestManagement } from './test-management.ts'

const start = new Date('2026-11-22T09:30:00.000Z')
const hour = 3_600_000

let management: TestManagement
let pages: ReturnType<typeof sharePages>
let workspaceId: WorkspaceId
beforeAll(async () => {
  management = await createTestManagement()
  pages = sharePages(management)
  workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id
})
beforeEach(() => {
  management.state.now = start
})
afterAll(() => management.database.drop())

const later = (ms: number) => void (management.state.now = new Date(start.getTime() + ms))

async function createKey(input: object = {}) {
  const { key, secret } = (await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', ...input })).data
  return { keyId: key.id as string, secret: secret as string }
}

/** A key, its secret and a link to it. */
async function createShared(input: object = {}, key: object = {}) {
  const { keyId, secret } = await createKey(key)
  const { data } = await management.mutate('shares.create', { keyId, secret, ...input })
  return { keyId, secret, shareId: data.share.id as string, path: new URL(data.url).pathname, made: data }
}

const look = async (path: string, method = 'GET') => {
  const answer = await pages.request(path, { method })
  return { status: answer.status, headers: answer.headers, html: await answer.text() }
}
const open = (path: string) => look(path, 'POST')
const shareOf = async (shareId: string) =>
  (await management.query('shares.list', { workspaceId, limit: 100 })).data.data.find(({ id }: { id: string }) => id === shareId)
const storedOf = (shareId: string) => management.db.selectFrom('secret_shares').selectAll().where('id', '=', shareId).executeTakeFirstOrThrow()
const auditOf = (action: string, target: string) =>
  management.db.selectFrom('audit_events').selectAll().where('action', '=', action).where('target', '=', target).execute()

describe('shares.create', () => {
  test('answers a link on the public URL, once, and a share that waits three days unless told otherwise', async () => {
    const { keyId, made, shareId } = await createShared({ note: 'for Ada' })
    expect(made.url).toMatch(/^https:\/\/app\.test\/s\/[\w-]{43}$/)
    expect(made.share).toEqual({
      id: shareId, workspaceId, keyId, status: 'waiting', note: 'for Ada', createdBy: keyIdOf(management.rootKey),
      createdAt: start.toISOString(), expiresAt: new Date(start.getTime() + 72 * hour).toISOString(), opened: null, revokedAt: null,
    })
    expect((await createShared({ expiresIn: '1h' })).made.share.expiresAt).toBe(new Date(start.getTime() + hour).toISOString())
  })

  test('stores neither the secret nor the link, so that who reads the database opens nothing', async () => {
    const { secret, path } = await createShared()
    const linkToken = path.slice('/s/'.length)
    const { rows } = await sql<{ text: string }>`select to_jsonb(s)::text as text from secret_shares s union all select to_jsonb(a)::text from audit_events a`.execute(management.db)
    const stored = rows.map(({ text }) => text).join('\n')
    for (const shown of [linkToken, Buffer.from(linkToken, 'base64url').toString('hex'), secret, Buffer.from(secret).toString('hex')]) {
      expect(stored).not.toContain(shown)
    }
    expect(letterlockKeys.findKeys(stored)).toEqual([])
  })

  test('refuses what is no secret of the key: another key, a text, a root key, a wrong checksum', async () => {
    const { keyId, secret } = await createKey()
    const other = await createKey()
    const wrong = [other.secret, 'no key', management.rootKey, `${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`]
    for (const each of wrong) {
      const { status, error, text } = await management.mutate('shares.create', { keyId, secret: each })
      expect([status, error.data.code, error.data.issues]).toEqual([400, 'invalid_request', [{ path: 'secret', message: 'not a secret of this key' }]])
      expect(text).not.toContain(each)
    }
    const root = { keyId: keyIdOf(management.rootKey), secret: management.rootKey }
    expect((await management.mutate('shares.create', root)).status).toBe(400)
    expect((await management.mutate('shares.create', { keyId: newId('key'), secret })).status).toBe(400)
    expect((await management.query('shares.list', { workspaceId, keyId })).data.data).toEqual([])
  })

  test('refuses a secret that is retired, of a key that is revoked or that expired', async () => {
    const rotated = await createKey()
    await management.mutate('keys.rotate', { keyId: rotated.keyId, overlap: '0s' })
    later(1)
    const codeOf = async (input: object) => (await management.mutate('shares.create', input)).error.data.code
    expect(await codeOf(rotated)).toBe('invalid_state')
    const revoked = await createKey()
    await management.mutate('keys.revoke', { keyId: revoked.keyId })
    expect(await codeOf(revoked)).toBe('invalid_state')
    const short = await createKey({ expiresIn: '1h' })
    later(2 * hour)
    expect(await codeOf(short)).toBe('invalid_state')
  })

  test('shares the secret of a key that is disabled or allowed to other addresses alone', async () => {
    const elsewhere = await createShared({}, { ipAllow: ['203.0.113.7'] })
    expect((await open(elsewhere.path)).html).toContain(elsewhere.secret)
    const { keyId, secret } = await createKey()
    await management.mutate('keys.disable', { keyId })
    expect((await management.mutate('shares.create', { keyId, secret })).status).toBe(200)
  })

  test('takes nothing from the limits of the key', async () => {
    const { keyId, secret } = await createKey({ rateLimits: [{ name: 'few', limit: '1/1h' }] })
    for (let turn = 0; turn < 3; turn++) expect((await management.mutate('shares.create', { keyId, secret })).status).toBe(200)
    expect(await management.verify(secret)).toMatchObject({ code: 'ok' })
  })

  test.each(['59s', '31d', '0s', 'soon', ''])('refuses a link that waits %j', async (expiresIn) => {
    const { keyId, secret } = await createKey()
    const { status, error } = await management.mutate('shares.create', { keyId, secret, expiresIn })
    expect([status, error.data.issues[0].path]).toEqual([400, 'expiresIn'])
  })
})

describe('GET /s/{token}', () => {
  test('shows a button and not the secret, as often as a preview looks, and changes nothing', async () => {
    const { secret, shareId, path } = await createShared({}, { name: `<b>"Ada's" & co` })
    for (let turn = 0; turn < 3; turn++) {
      const { status, html, headers } = await look(path)
      expect(status).toBe(200)
      expect(html).toContain('<button type="submit">Show the secret</button>')
      expect(html).toContain('&#60;b&#62;&#34;Ada&#39;s&#34; &#38; co')
      expect(html).not.toMatch(/<b>|<script/)
      expect(html).not.toContain(secret)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    }
    expect((await look(path, 'HEAD')).status).toBe(200)
    expect(await shareOf(shareId)).toMatchObject({ status: 'waiting' })
    expect((await open(path)).html).toContain(secret)
  })

  test('is 404 for a token that leads nowhere, and 405 for other methods', async () => {
    for (const token of ['x', 'A'.repeat(43), 'A'.repeat(500), '%00']) {
      for (const method of ['GET', 'POST']) expect([token, (await look(`/s/${token}`, method)).status]).toEqual([token, 404])
    }
    const { status, headers } = await look((await createShared()).path, 'PUT')
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
  })
})

describe('POST /s/{token}', () => {
  test('shows the secret once; the next who comes learns when it was shown', async () => {
    const { secret, shareId, path } = await createShared()
    later(hour)
    const first = await open(path)
    expect([first.status, first.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(first.html).toContain(`<code>${secret}</code>`)
    expect(await management.verify(secret)).toMatchObject({ code: 'ok' })
    for (const method of ['POST', 'GET']) {
      const next = await look(path, method)
      expect(next.status).toBe(410)
      expect(next.html).toContain('shown on 2026-11-22 10:30 UTC')
      expect(next.html).not.toContain(secret)
    }
    expect(await shareOf(shareId)).toMatchObject({ status: 'opened', opened: { at: management.state.now.toISOString(), ip: '127.0.0.1' } })
    expect((await storedOf(shareId)).sealed).toBeNull()
  })

  test('is noted in the audit log with the address, and the chain holds', async () => {
    const { shareId, keyId, path } = await createShared()
    await open(path)
    const [event, ...more] = await auditOf('shares.open', shareId)
    expect(more).toEqual([])
    expect(event).toMatchObject({ workspace_id: workspaceId, actor: shareId, ip: '127.0.0.1', after: { status: 'opened', keyId } })
    expect((await management.query('audit.verify', { workspaceId })).data).toMatchObject({ intact: true })
  })

  test('shows it to one of twenty who open it at once', async () => {
    const { secret, shareId, path } = await createShared()
    const answers = await Promise.all(Array.from({ length: 20 }, () => open(path)))
    expect(answers.filter(({ html }) => html.includes(secret))).toHaveLength(1)
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 410)])
    expect(await auditOf('shares.open', shareId)).toHaveLength(1)
  })

  test('of an opening and a taking back at the same time one wins, and both know it', async () => {
    for (let turn = 0; turn < 10; turn++) {
      const { secret, shareId, path } = await createShared()
      const [opened, revoked] = await Promise.all([open(path), management.mutate('shares.revoke', { shareId })])
      const isOpened = opened.html.includes(secret)
      expect([opened.status, revoked.status]).toEqual(isOpened ? [200, 409] : [410, 200])
      expect((await shareOf(shareId)).status).toBe(isOpened ? 'opened' : 'revoked')
    }
  })

  test('shows nothing when the share has expired, was taken back, or its key was revoked', async () => {
    const [expired, takenBack, ofRevoked] = [await createShared({ expiresIn: '1h' }), await createShared(), await createShared()]
    await management.mutate('shares.revoke', { shareId: takenBack.shareId })
    await management.mutate('keys.revoke', { keyId: ofRevoked.keyId })
    later(hour)
    for (const { path, secret, shareId } of [expired, takenBack, ofRevoked]) {
      for (const method of ['POST', 'GET']) {
        const { status, html } = await look(path, method)
        expect([status, html.includes(secret), html.includes('This link has ended')]).toEqual([410, false, true])
      }
      expect(await auditOf('shares.open', shareId)).toEqual([])
    }
    expect((await shareOf(expired.shareId)).status).toBe('expired')
  })

  test('shows it until the last millisecond', async () => {
    const { secret, path } = await createShared({ expiresIn: '1h' })
    later(hour - 1)
    expect((await open(path)).html).toContain(secret)
  })
})

describe('shares.revoke', () => {
  test('takes a share back, once, and takes away what was sealed', async () => {
    const { shareId } = await createShared()
    const first = await management.mutate('shares.revoke', { shareId })
    expect(first.data.share).toMatchObject({ status: 'revoked', revokedAt: start.toISOString() })
    expect((await storedOf(shareId)).sealed).toBeNull()
    later(hour)
    expect((await management.mutate('shares.revoke', { shareId })).data).toEqual(first.data)
    expect(await auditOf('shares.revoke', shareId)).toHaveLength(1)
  })

  test('says of an opened one that the key must go, and of an unknown one nothing', async () => {
    const { shareId, path } = await createShared()
    await open(path)
    const { status, error } = await management.mutate('shares.revoke', { shareId })
    expect([status, error.data.code]).toEqual([409, 'invalid_state'])
    expect(error.message).toContain('Rotate or revoke the key')
    expect((await management.mutate('shares.revoke', { shareId: newId('secretShare') })).status).toBe(404)
  })
})

test('shares.list shows those of a workspace newest first, by key and page, and no secret', async () => {
  const other = (await management.mutate('workspaces.create', { name: 'Other' })).data.workspace.id
  const { keyId, secret } = await createKey({ workspaceId: other })
  const made = []
  for (const ms of [1, 2, 3]) {
    later(ms)
    made.unshift((await management.mutate('shares.create', { keyId, secret })).data.share)
  }
  const list = async (input: object = {}) => (await management.query('shares.list', { workspaceId: other, ...input })).data
  expect((await list()).data).toEqual(made)
  const { data, nextCursor } = await list({ limit: 2 })
  expect([data, (await list({ limit: 2, cursor: nextCursor })).data]).toEqual([made.slice(0, 2), made.slice(2)])
  expect((await list({ keyId: (await createKey()).keyId })).data).toEqual([])
  expect((await management.query('shares.list', { workspaceId: newId('workspace') })).status).toBe(404)
})

test('the sweep throws away what nobody fetched in time, and nothing else', async () => {
  const [short, long] = [await createShared({ expiresIn: '1h' }), await createShared({ expiresIn: '2h' })]
  later(hour)
  await sweep(management, (error) => { throw error })
  expect([(await storedOf(short.shareId)).sealed, (await storedOf(long.shareId)).sealed === null]).toEqual([null, false])
  expect((await open(long.path)).html).toContain(long.secret)
})

test('a root key needs keys:write to share, and no other scope', async () => {
  const { keyId, secret } = await createKey()
  const writer = await management.addRootKey(['keys:write'])
  expect((await management.mutate('shares.create', { keyId, secret }, { key: writer })).status).toBe(200)
  const others = await management.addRootKey(rootScopeNames.filter((scope) => scope !== 'keys:write'))
  expect((await management.mutate('shares.create', { keyId, secret }, { key: others })).status).toBe(403)
})
