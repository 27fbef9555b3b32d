import { newId } from '@letterlock/contract'
import { connect } from '@letterlock/db'
import pino from 'pino'
import { expect, test } from 'vitest'
import { noteRootKeyUse } from './note-root-key-use.ts'

test('noteRootKeyUse() lets no one wait, and logs a write that fails', async () => {
  const lines: { msg: string }[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const db = connect({ connectionString: 'postgres://nobody@127.0.0.1:1/none', max: 1, applicationName: 'test' })
  try {
    expect(noteRootKeyUse({ db, log })({ keyId: newId('key'), secretVersion: 1 }, new Date(), '192.0.2.7')).toBeUndefined()
    expect(lines).toEqual([])
    await expect.poll(() => lines).toMatchObject([{ msg: 'the use of a root key could not be noted' }])
  } finally {
    await db.destroy()
  }
})
