import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { acquireOwnerLock } from './owner-lock.ts'

const claimant = join(import.meta.dirname, '../../test/claimant.ts')
const hasProc = existsSync('/proc/self/stat')
let directory: string
let children: ChildProcessWithoutNullStreams[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'owner-lock-'))
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  rmSync(directory, { recursive: true })
})

test('acquireOwnerLock() refuses a second owner and names the first', async () => {
  await acquireOwnerLock(directory)
  await expect(acquireOwnerLock(directory)).rejects.toMatchObject({
    code: 'data_dir_in_use',
    message: expect.stringContaining(`process ${process.pid}`),
  })
})

test('acquireOwnerLock() gives the directory to the next after a release', async () => {
  const release = await acquireOwnerLock(directory)
  release()
  expect(readdirSync(directory)).toEqual([])
  await acquireOwnerLock(directory)
})

test('acquireOwnerLock() passes by the lock of a process whose id a stranger has now', async () => {
  writeFileSync(join(directory, `owner-${process.pid}-0123456789abcdef-0123456789ab.lock`), '')
  await acquireOwnerLock(directory)
  expect(readdirSync(directory)).toHaveLength(1)
})

test('acquireOwnerLock() passes by the lock of a killed process', async () => {
  const owner = await start()
  expect(await claim(owner)).toBe('owner')
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  await acquireOwnerLock(directory)
  expect(readdirSync(directory)).toHaveLength(1)
})

test.runIf(hasProc)('acquireOwnerLock() passes by the lock of a killed process not yet reaped', async () => {
  const script = 'exec 3<&0; "$0" "$1" "$2" <&3 & echo $!; exec sleep 60'
  const parent = spawn('sh', ['-c', script, process.execPath, claimant, directory], { stdio: 'pipe' })
  children.push(parent)
  let output = ''
  parent.stdout.on('data', (chunk) => {
    output += chunk
  })
  await expect.poll(() => output).toContain('ready')
  parent.stdin.write('go\n')
  await expect.poll(() => output).toContain('owner')
  const owner = Number(/^\d+$/m.exec(output)?.[0])
  process.kill(owner, 'SIGKILL')
  await expect.poll(() => readFileSync(`/proc/${owner}/stat`, 'latin1')).toContain(') Z ')
  await acquireOwnerLock(directory)
})

test('acquireOwnerLock() from five processes at once makes exactly one the owner', async () => {
  const claimants = await Promise.all(Array.from({ length: 5 }, start))
  const results = await Promise.all(claimants.map(claim))
  expect(results.toSorted()).toEqual([...Array(4).fill('data_dir_in_use'), 'owner'])
})

async function start(): Promise<ChildProcessWithoutNullStreams> {
  const child = spawn(process.execPath, [claimant, directory], { stdio: 'pipe' })
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

async function claim(child: ChildProcessWithoutNullStreams): Promise<string> {
  const answer = once(child.stdout, 'data')
  child.stdin.write('go\n')
  return String((await answer)[0]).trim()
}
