import type { KeyId } from '@letterlock/contract'
import { keySecrets, revisions, type Tx } from '@letterlock/db'
import { letterlockKeys } from '@letterlock/keys'
import { digestKey } from '@letterlock/keys/digest'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { TestAnswer } from '../test-server.ts'
import { type ImportRig, newToken, sha256Of, startImportRig } from './import-rig.ts'

let rig: ImportRig
beforeAll(async () => {
  rig = await startImportRig()
})
afterAll(() => rig.stop())

const codeOf = async (token: string) => ((await (await rig.use(token)).json()) as { code: string }).code

/** Upgrades of both nodes that wait for a row. */
async function waitingUpgrades(): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%update key_secrets%'`.execute(rig.db)
  return rows[0]?.n ?? 0
}

describe('an imported key', () => {
  test('takes a key over that goes on working, is upgraded at its first use, and is answered from memory then', async () => {
    const token = newToken()
    const keyId = await rig.importToken(token, { externalId: 'legacy-7' })
    const before = await rig.keyOf(keyId)
    expect(before).toMatchObject({ status: 'active', mode: 'live', scopes: ['contacts:read'], imported: { upgradedAt: null, externalId: 'legacy-7' } })
    const [imported] = await rig.secretsOf(keyId)

    const first = await rig.use(token)
    expect([first.status, first.headers.get('letterlock-key-id')]).toEqual([200, keyId])
    expect(await first.json()).toMatchObject({ id: keyId, name: 'Old', mode: 'live', scopes: ['contacts:read'] })
    expect(await rig.upgraded(keyId)).toEqual(expect.any(String))
    const [stored] = await rig.secretsOf(keyId)
    expect(stored).toMatchObject({ version: 1, pepper_version: 'v1', lookup: imported?.lookup })
    expect(stored?.digest).not.toBe(imported?.digest)

    const reads = await rig.readsOf()
    for (let i = 0; i < 5; i++) expect((await rig.use(token)).status).toBe(200)
    expect(await rig.readsOf()).toBe(reads)
  })

  test('upgrades once of 20 first uses at once, on two nodes', async () => {
    const { apiUrl } = await rig.startNode()
    const token = newToken()
    const keyId = await rig.importToken(token)
    await sql`create table upgrades (at timestamptz)`.execute(rig.db)
    await sql`create function note_upgrade() returns trigger language plpgsql as 'begin insert into upgrades values (now()); return new; end'`.execute(rig.db)
    await sql`create trigger noted after update of digest on key_secrets for each row execute function note_upgrade()`.execute(rig.db)
    const isHeld = Promise.withResolvers<void>()
    const held = rig.db.transaction().execute(async (tx) => {
      await sql`select from key_secrets where key_id = ${keyId} for update`.execute(tx)
      await isHeld.promise
    })
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => rig.use(token, i % 2 ? apiUrl : rig.server.apiUrl)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    await vi.waitUntil(async () => (await waitingUpgrades()) === 2, { timeout: 5_000, interval: 20 })
    isHeld.resolve()
    await held
    await rig.upgraded(keyId)
    await vi.waitUntil(async () => (await waitingUpgrades()) === 0, { timeout: 5_000, interval: 20 })
    expect((await rig.use(token, apiUrl)).status).toBe(200)
    const { rows } = await sql`select from upgrades`.execute(rig.db)
    await sql`drop trigger noted on key_secrets; drop function note_upgrade; drop table upgrades`.execute(rig.db)
    expect(rows).toHaveLength(1)
  })

  test('is in force on another node when the call answers there by its revision, and so is the revocation', async () => {
    const { apiUrl } = await rig.startNode()
    const token = newToken('moved-')
    expect((await rig.use(token, apiUrl)).status).toBe(401)
    const { body } = await rig.importKeys([{ sha256: sha256Of(token), name: 'Old' }], { format: { prefix: 'moved-' } })
    const { data: [{ keyId }], revision } = body.result.data
    const at = (revision: number) => fetch(`${apiUrl}/v1/key`, { headers: { authorization: `Bearer ${token}`, 'letterlock-min-revision': String(revision) } })
    expect((await at(revision)).status).toBe(200)
    const revoked = (await rig.server.manage('keys.revoke', { keyId })).body.result.data
    const answer = await at(revoked.revision)
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([401, 'revoked_key'])
  })

  test('finds a token that was refused a moment ago', async () => {
    const [known, late] = [newToken(), newToken()]
    await rig.importToken(known)
    expect((await rig.use(late)).status).toBe(401)
    await rig.importToken(late)
    expect((await rig.use(late)).status).toBe(200)
  })

  test('answers a wrong token of a declared format like an unknown key of our own, byte for byte', async () => {
    await rig.importToken(newToken())
    const answers = await Promise.all([newToken(), letterlockKeys.issue({ mode: 'live' }).token].map(async (token) => {
      const answer = await rig.use(token)
      const body = await answer.text()
      const headers = [...answer.headers].filter(([name]) => !['x-request-id', 'date'].includes(name))
      return { status: answer.status, headers, body: body.replaceAll(/req_\w+/g, 'req_') }
    }))
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]).toMatchObject({ status: 401, body: expect.stringContaining('"invalid_key"') })
  })

  test('is not looked up when the format was not declared, or the token is too short, too long or no Bearer token', async () => {
    await rig.importToken(newToken())
    const reads = await rig.readsOf()
    for (const token of [newToken('other_'), 'sk_live_short', `sk_live_${'x'.repeat(505)}`, `sk_live_${'x'.repeat(20)}:`, `x${newToken()}`, newToken().toUpperCase()]) {
      expect([token, (await rig.use(token)).status]).toEqual([token, 401])
    }
    expect(await rig.readsOf()).toBe(reads)
    const unknown = newToken()
    for (let i = 0; i < 5; i++) expect((await rig.use(unknown)).status).toBe(401)
    expect(await rig.readsOf()).toBe(reads + 1)
  })

  test('is no root key', async () => {
    const token = newToken()
    await rig.importToken(token)
    const reads = await rig.readsOf()
    const answer = await rig.server.manage('keys.list', { workspaceId: rig.workspaceId }, { query: true, key: token })
    expect([answer.status, answer.body.error.data.code]).toEqual([401, 'invalid_key'])
    expect(await rig.readsOf()).toBe(reads)
  })

  test('refuses a key with its own limits, IP list and scopes like any other', async () => {
    const limited = newToken()
    await rig.importToken(limited, { rateLimits: [{ name: 'tight', limit: '2/1h' }] })
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await rig.use(limited)).status)
    expect(statuses).toEqual([200, 200, 429])
    const far = newToken()
    await rig.importToken(far, { ipAllow: ['203.0.113.0/24'] })
    expect(await codeOf(far)).toBe('ip_not_allowed')
    const reader = newToken()
    await rig.importToken(reader)
    expect((await rig.server.call('POST', '/lists', { key: reader, body: { name: 'L' } })).body.code).toBe('insufficient_scope')
    const stopped = newToken()
    const keyId = await rig.importToken(stopped)
    await rig.server.manage('keys.disable', { keyId })
    expect(await codeOf(stopped)).toBe('disabled_key')
  })

  test('notes the last use of an imported key', async () => {
    const token = newToken()
    const keyId = await rig.importToken(token)
    await rig.use(token)
    // the last uses of a process are saved once in 10 s
    expect(await vi.waitUntil(async () => (await rig.keyOf(keyId)).lastUsedAt, { timeout: 15_000, interval: 50 })).toEqual(expect.any(String))
  })

  test('is one key with the secrets of our own that follow, and ends before them', async () => {
    const token = newToken()
    const keyId = await rig.importToken(token)
    expect((await rig.use(token)).status).toBe(200)
    await rig.upgraded(keyId)
    const next = letterlockKeys.issue({ mode: 'live', keyId }).token
    const { version: pepperVersion, digest } = digestKey(next, rig.peppers[0])
    const change = (work: (tx: Tx) => Promise<unknown>) => rig.db.transaction().execute(async (tx) => {
      await work(tx)
      return revisions.raiseRevision(tx, [{ kind: 'key', id: keyId }], new Date())
    })
    const ask = async (token: string, revision: number) => {
      const headers = { authorization: `Bearer ${token}`, 'letterlock-min-revision': String(revision) }
      const answer = await fetch(`${rig.server.apiUrl}/v1/key`, { headers })
      const { id, code } = (await answer.json()) as { id?: string; code?: string }
      return [id ?? code, answer.headers.get('letterlock-key-superseded')]
    }
    const rotated = await change((tx) => keySecrets.insertSecret(tx, keyId as KeyId, { version: 2, digest, pepperVersion, now: new Date() }))
    expect(await Promise.all([token, next].map((each) => ask(each, rotated)))).toEqual([[keyId, 'true'], [keyId, null]])
    const retired = await change((tx) => sql`update key_secrets set retires_at = now() where key_id = ${keyId} and version = 1`.execute(tx))
    expect((await Promise.all([token, next].map((each) => ask(each, retired)))).map(([id]) => id)).toEqual(['retired_secret', keyId])
    const again = await rig.importKeys([{ sha256: sha256Of(token), name: 'Again' }])
    expect(again.body.result.data.data).toEqual([{ status: 'already_exists', keyId }])
  })

  test('works under a new pepper, and moves to it at its next use', async () => {
    const [used, unused] = [newToken(), newToken()]
    const [usedId, unusedId] = [await rig.importToken(used), await rig.importToken(unused)]
    await rig.use(used)
    await rig.upgraded(usedId)
    const { apiUrl, managementUrl } = await rig.startNode({ LETTERLOCK_PEPPERS: rig.newestPeppers })
    for (const [token, keyId] of [[used, usedId], [unused, unusedId]] as const) {
      const [before] = await rig.secretsOf(keyId)
      expect((await rig.use(token, apiUrl)).status).toBe(200)
      const after = await vi.waitUntil(async () => (await rig.secretsOf(keyId)).find((secret) => secret.pepper_version === 'v2'), { timeout: 5_000, interval: 20 })
      expect(after.lookup).not.toBe(before?.lookup)
    }
    const again = await fetch(`${managementUrl}/trpc/keys.import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rig.server.rootKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ workspaceId: rig.workspaceId, mode: 'live', format: { prefix: 'sk_live_' }, keys: [{ sha256: sha256Of(used), name: 'Again' }] }),
    })
    expect(((await again.json()) as TestAnswer['body']).result.data.data).toEqual([{ status: 'already_exists', keyId: usedId }])
  })
})
