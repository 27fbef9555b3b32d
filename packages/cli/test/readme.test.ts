/** Every line of the README's examples runs, in a shell beside a server, and the README names every command and option there is. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSite, startServerProcess } from '@letterlock/e2e/server-process'
import type { ServerProcess, Site } from '@letterlock/e2e/server-process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../src/commands.ts'
import { zipArchive } from './zip-archive.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const blocks = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map((match) => match[1] ?? '')
const calls = blocks.join('').split('\n').map((line) => line.replace(/\s+#.*/, '')).filter((line) => line.includes('letterlock ') && !line.startsWith('npm '))

const folder = mkdtempSync(join(tmpdir(), 'letterlock-readme-'))
let site: Site
let server: ServerProcess
let env: Record<string, string>

beforeAll(async () => {
  execFileSync('git', ['init', '--quiet', folder])
  for (const name of ['src', 'dist', '.bin']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'dist/app.zip'), zipArchive({ 'app.js': 'no key' }))
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  writeFileSync(join(folder, '.bin/letterlock'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, { mode: 0o755 })
  site = await createSite()
  server = await startServerProcess(site)
  const { liveKey, apiUrl } = server.dev()
  writeFileSync(join(folder, 'key.txt'), `${liveKey}\n`, { mode: 0o600 })
  writeFileSync(join(folder, '.letterlock-allow'), `${liveKey.slice(0, 34)}****${liveKey.slice(-4)}\n`)
  env = { PATH: [join(folder, '.bin'), process.env.PATH].join(delimiter), LETTERLOCK_API_KEY: liveKey, LETTERLOCK_BASE_URL: apiUrl }
}, 90_000)
afterAll(async () => {
  await server.kill('SIGTERM')
  site.remove()
  rmSync(folder, { recursive: true })
})

function shell(line: string): Promise<{ readonly code: number; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', line], { cwd: folder, env }, (error, _, stderr) => resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stderr }))
  })
}

describe('README', () => {
  test.each(calls)('%s', async (call) => {
    const { code, stderr } = await shell(call)
    expect(code, stderr).toBe(0)
  })

  test.each(commands.map((command) => [command.name, command] as const))('names %s and its options', (name, { options }) => {
    expect(calls.some((call) => call.includes(`letterlock ${name}`))).toBe(true)
    for (const option of Object.keys(options)) expect(readme).toContain(`--${option}`)
  })
})
