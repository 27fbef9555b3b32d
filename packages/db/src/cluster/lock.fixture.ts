/** A program that claims a directory when told to on its input, says what came of it, and waits for the end of the input. */
import { once } from 'node:events'
import { acquireOwnerLock } from './owner-lock.ts'

process.stdout.write('ready\n')
await once(process.stdin, 'data')
const result = await acquireOwnerLock(process.argv[2] ?? '').then(
  () => 'owner',
  (error: { code?: string }) => error.code,
)
process.stdout.write(`${result}\n`)
