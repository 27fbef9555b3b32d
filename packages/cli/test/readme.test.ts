/** Every line of the README's examples runs, and the README names every command and option there is. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { zipArchive } from './zip-archive.ts'
import { commands } from '../src/commands.ts'
import { letterlock } from './run-letterlock.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const blocks = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map((match) => match[1] ?? '')
const calls = blocks.join('').split('\n').map((line) => line.replace(/\s+#.*/, '')).filter((line) => line.startsWith('letterlock '))

const folder = mkdtempSync(join(tmpdir(), 'letterlock-readme-'))
beforeAll(() => {
  execFileSync('git', ['init', '--quiet', folder])
  mkdirSync(join(folder, 'src'))
  mkdirSync(join(folder, 'dist'))
  writeFileSync(join(folder, 'dist/app.zip'), zipArchive({ 'app.js': 'no key' }))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('README', () => {
  test.each(calls)('%s', async (call) => {
    const { code, stderr } = await letterlock(call.split(' ').slice(1), { cwd: folder })
    expect(code, stderr).toBe(0)
  })

  test.each(commands.map((command) => [command.name, command] as const))('names %s and its options', (name, { options }) => {
    expect(calls.some((call) => call.startsWith(`letterlock ${name}`))).toBe(true)
    for (const option of Object.keys(options)) expect(readme).toContain(`--${option}`)
  })
})
