import { type EnvironmentId, newId } from '@letterlock/contract'
import { afterAll, expect, test } from 'vitest'
import * as contacts from './contacts.ts'
import * as erasures from './erasures.ts'
import * as personRecords from './person-records.ts'
import * as suppressions from './suppressions.ts'
import { createTestDatabase } from './testing.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 4, onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const now = new Date('2026-11-26T03:00:00.000Z')
const emailKey = 'ada@x.test'

const save = (environmentId: EnvironmentId) => db.transaction().execute((tx) =>
  contacts.saveContacts(tx, environmentId, { items: [{ email: emailKey, emailKey }], onConflict: 'update', reference: newId('request'), source: 'api', ip: null, now }))
const erase = (environmentId: EnvironmentId) =>
  db.transaction().execute((tx) => erasures.erasePerson(tx, environmentId, { name: { emailKey }, reference: newId('request'), now }))

test('erasePerson() erases in one environment alone, and its hashes differ between environments', async () => {
  const [one, other] = [newId('environment'), newId('environment')]
  for (const environmentId of [one, other]) await save(environmentId)
  expect(await personRecords.findPersonRecord(db, one, { name: { emailKey }, most: 10 })).toMatchObject({ contact: { emailKey } })
  expect(await erase(one)).toMatchObject({ state: 'erased', contact: true })
  expect(await contacts.findContact(db, other, { emailKey })).toMatchObject({ suppressed: false })
  expect(await suppressions.listSuppressedKeys(db, one, [emailKey, 'bob@x.test'])).toEqual(new Set([emailKey]))
  expect(await suppressions.listSuppressedKeys(db, other, [emailKey])).toEqual(new Set())
  await erase(other)
  const digests = await db.selectFrom('erasures').select('digest').execute()
  expect(new Set(digests.map(({ digest }) => digest.toString('hex'))).size).toBe(2)
})

test('erasePerson() forgets former suppressions and keeps him suppressed when he comes back', async () => {
  const environmentId = newId('environment')
  await db.transaction().execute((tx) => suppressions.addSuppression(tx, environmentId, { emailKey, origin: 'bounce', source: 'cmp_x', now }))
  await erase(environmentId)
  expect(await db.selectFrom('suppressions').selectAll().where('environment_id', '=', environmentId).execute()).toEqual([])
  const [saved] = await save(environmentId)
  expect(saved).toMatchObject({ outcome: 'created', contact: { suppressed: true } })
  const rows = await db.selectFrom('suppressions').select(['origin']).where('environment_id', '=', environmentId).execute()
  expect(rows).toEqual([{ origin: 'erasure' }])
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /erasures|erased_digest|erased|opt_outs o|messages|recipient_keys|campaign_recipients|consent_events/.test(sql))
  const lines = ours.map((sql) => sql.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${lines.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/erasures.sql')
})
