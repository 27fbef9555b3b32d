import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ImportRig, newToken, sha256Of, startImportRig } from './import-rig.ts'

let rig: ImportRig
beforeAll(async () => {
  rig = await startImportRig()
})
afterAll(() => rig.stop())

describe('keys.import', () => {
  test('keeps the SHA-256 nowhere in the database, neither before the first use nor after', async () => {
    const token = newToken()
    const sha256 = sha256Of(token)
    const keyId = await rig.importToken(token)
    const isStored = async () => {
      const all = await rig.everythingStored()
      return [sha256, Buffer.from(sha256, 'hex').toString('base64'), token].some((text) => all.includes(text))
    }
    expect(await rig.everythingStored()).toContain(keyId)
    expect(await isStored()).toBe(false)
    await rig.use(token)
    await rig.upgraded(keyId)
    expect(await isStored()).toBe(false)
  })

  test('answers for each item in order, and a bad one fails alone', async () => {
    const tokens = [newToken(), newToken(), newToken()]
    const [first = '', second = '', third = ''] = tokens.map(sha256Of)
    const secondId = await rig.importToken(tokens[1] ?? '')
    const elsewhere = (await rig.server.manage('workspaces.create', { name: 'Other' })).body.result.data.workspace.id
    const answer = await rig.importKeys([
      { sha256: first, name: 'A' },
      { sha256: second, name: 'B' },
      { sha256: 'not one', name: 'C' },
      { sha256: third, name: 'D', scopes: ['contacts:raed'] },
      { sha256: third, name: 'E', roleId: 'role_01h455vb4pex5vsknk084sn02q' },
      { sha256: third, name: 'F', surely: 1 },
      { sha256: Buffer.from(first, 'hex').toString('base64'), name: 'A again' },
      { sha256: Buffer.from(third, 'hex').toString('base64url'), name: 'G', ipAllow: ['10.0.0.0/8'], rateLimits: [{ name: 'r', limit: '5/1m' }], expiresIn: '90d' },
    ])
    expect(answer.status).toBe(200)
    const { data } = answer.body.result.data
    expect(data).toMatchObject([
      { status: 'imported' },
      { status: 'already_exists', keyId: secondId },
      { status: 'failed', error: { code: 'invalid_request', issues: [{ path: 'sha256' }] } },
      { status: 'failed', error: { code: 'invalid_request', issues: [{ path: 'scopes.0', message: 'unknown scope; did you mean contacts:read?' }] } },
      { status: 'failed', error: { code: 'not_found' } },
      { status: 'failed', error: { code: 'invalid_request', issues: [{ path: 'surely', message: 'unknown field' }] } },
      { status: 'already_exists', keyId: data[0].keyId },
      { status: 'imported' },
    ])
    const last = await rig.keyOf(data[7].keyId)
    expect(last).toMatchObject({ name: 'G', ipAllow: ['10.0.0.0/8'], rateLimits: [{ name: 'r', limit: '5/1m' }], expiresAt: expect.any(String) })
    for (const change of [{ workspaceId: elsewhere }, { mode: 'test' }]) {
      const other = await rig.importKeys([{ sha256: first, name: 'A' }], change)
      expect(other.body.result.data.data).toEqual([{ status: 'failed', error: { code: 'already_exists', message: 'The token is a key of another workspace or mode.' } }])
    }
  })

  test('may be repeated at any time: a used, a revoked and a fresh key are said to exist, and nothing changes', async () => {
    const tokens = [newToken(), newToken(), newToken()]
    const [usedId = '', revokedId = '', freshId = ''] = await Promise.all(tokens.map((token) => rig.importToken(token)))
    await rig.use(tokens[0] ?? '')
    await rig.upgraded(usedId)
    await rig.server.manage('keys.revoke', { keyId: revokedId })
    const { revision } = (await rig.server.manage('keys.revoke', { keyId: revokedId })).body.result.data
    const again = await rig.importKeys(tokens.map((token) => ({ sha256: sha256Of(token), name: 'Again', scopes: ['emails:send'] })))
    expect(again.body.result.data).toEqual({
      data: [usedId, revokedId, freshId].map((keyId) => ({ status: 'already_exists', keyId })),
      revision,
    })
    expect((await rig.use(tokens[1] ?? '')).status).toBe(401)
    expect((await rig.keyOf(freshId)).scopes).toEqual(['contacts:read'])
  })

  test('makes one key of a token that two imports bring at once', async () => {
    const token = newToken()
    const answers = await Promise.all(Array.from({ length: 5 }, () => rig.importKeys([{ sha256: sha256Of(token), name: 'Old' }])))
    const items = answers.map(({ body }) => body.result.data.data[0])
    expect(items.map(({ status }) => status).sort()).toEqual(['already_exists', 'already_exists', 'already_exists', 'already_exists', 'imported'])
    expect(new Set(items.map(({ keyId }) => keyId)).size).toBe(1)
  })

  test('writes an audit row for each key, and one for a format that is new; no digest is in them', async () => {
    const [prefix, token] = ['audit_me_', newToken('audit_me_')]
    const keyId = await rig.importToken(token, {}, { format: { prefix } })
    const { rows } = await sql<{ action: string; text: string }>`
      select action, to_jsonb(a)::text as text from audit_events a where target in (${keyId}, ${prefix}) order by action`.execute(rig.db)
    expect(rows.map(({ action }) => action)).toEqual(['keys.import', 'keys.import.declare'])
    const [secret] = await rig.secretsOf(keyId)
    for (const { text } of rows) expect([sha256Of(token), secret?.digest].some((digest) => text.includes(digest ?? ''))).toBe(false)
  })

  test.each(['ll_', 'll_live_', 'll', 'key_', 'con', 'ws_x', 'ab', 'a'.repeat(21), 'with space', 'sk:', ''])('refuses the prefix %j', async (prefix) => {
    const answer = await rig.importKeys([{ sha256: sha256Of(newToken()), name: 'Old' }], { format: { prefix } })
    expect([answer.status, answer.body.error.data.issues[0].path]).toEqual([400, 'format.prefix'])
  })

  test.each([[[]], [Array.from({ length: 1_001 }, () => ({}))], [['text']]])('refuses a list of no, too many or no objects', async (keys) => {
    const answer = await rig.importKeys(keys as object[])
    expect([answer.status, answer.body.error.data.code]).toEqual([400, 'invalid_request'])
  })

  test('changes no revision when nothing is imported, and declares nothing then', async () => {
    const before = await rig.importKeys([{ name: 'no digest' }], { format: { prefix: 'never_' } })
    const after = await rig.importKeys([{ name: 'no digest' }], { format: { prefix: 'never_' } })
    expect(after.body.result.data).toEqual(before.body.result.data)
    const { rows } = await sql`select from import_prefixes where prefix = 'never_'`.execute(rig.db)
    expect(rows).toEqual([])
  })

  test('keeps foreign tokens out of the log and of what errors repeat', async () => {
    const planted = newToken()
    await rig.importToken(newToken())
    const answers = [
      await rig.server.call('GET', `/contacts?${planted}=1`),
      await rig.server.call('POST', '/contacts', { body: { [planted]: 1 } }),
      await rig.importKeys([{ [planted]: 1 }]),
      await rig.server.manage('keys.create', { [planted]: 1 }),
      await rig.server.manage(planted, {}),
    ]
    expect(answers.filter(({ text }) => text.includes(planted))).toEqual([])
    expect(answers[0]?.text).toContain('sk_live_****')
    expect(rig.server.output()).not.toContain(planted)
  })
})
