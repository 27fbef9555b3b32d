/** What the README and docs/management show is type-checked as it stands there, and run against a server, a program a page. */
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { procedures } from '../src/procedure-table.generated.ts'

const packageFolder = new URL('..', import.meta.url)
const folder = new URL('.reports/documents/', packageFolder) // inside the package, where its own name leads to its own door
const manual = new URL('../../docs/management/', packageFolder)
const pages = [
  { name: 'admin', text: readFileSync(new URL('README.md', packageFolder), 'utf8') },
  ...readdirSync(manual).toSorted().map((file) => ({ name: basename(file, '.md'), text: readFileSync(new URL(file, manual), 'utf8') })),
]
const run = promisify(execFile)

beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  for (const { name, text } of pages) writeFileSync(new URL(`${name}.ts`, folder), `${programOf(text)}\nexport {}\n`)
  writeFileSync(new URL('tsconfig.json', folder), JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** All blocks of a page, in order. */
function programOf(text: string): string {
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1] ?? '').join('\n')
}

test('the programs have the right types', async () => {
  const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', packageFolder))
  const result = await run(process.execPath, [compiler, '-p', fileURLToPath(new URL('tsconfig.json', folder))]).catch((e: { stdout: string }) => e)
  expect(result.stdout).toBe('')
}, 160_000)

test.each(pages)('the program of $name runs', async ({ name, text }) => {
  expect(programOf(text)).toContain("from '@letterlock/admin'")
  const env = { PATH: process.env.PATH, LETTERLOCK_MANAGEMENT_URL: inject('managementUrl'), LETTERLOCK_ROOT_KEY: inject('rootKey') }
  const { stderr } = await run(process.execPath, [fileURLToPath(new URL(`${name}.ts`, folder))], { env })
  expect(stderr).toBe('')
}, 60_000)

test('docs/management tells of every procedure', () => {
  const told = pages.map(({ text }) => text).join('\n')
  const names = Object.entries(procedures).flatMap(([router, methods]) => Object.keys(methods).map((method) => `${router}.${method}`))
  const missing = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(told))
  expect(missing).toEqual([])
})
