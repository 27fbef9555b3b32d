/** A program that claims a directory when told to, says what came of it, and lives until its input ends. */
import { once } from 'node:events'
import { acquireOwnerLock } from '../src/cluster/owner-lock.ts'

process.stdout.write('ready\n')
await once(process.stdin, 'data')
const result = await acquireOwnerLock(process.argv[2] ?? '').then(
  () => 'owner',
  (error: { code?: string }) => error.code,
)
process.stdout.write(`${result}\n`)
