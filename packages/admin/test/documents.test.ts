/** What the documents show is type-checked as it stands there, and run against a server. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { procedures } from '../src/procedure-table.generated.ts'
import { manualPages, type Program, shellPrograms, textOf, typescriptPrograms } from './documents.ts'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))
const folder = join(packageFolder, '.reports/documents') // inside the package, where its own name leads to its own door
const programs = typescriptPrograms()
const run = promisify(execFile)
let elsewhere: string

beforeAll(() => {
  elsewhere = mkdtempSync(join(tmpdir(), 'letterlock-documents-'))
  mkdirSync(folder, { recursive: true })
  for (const program of programs) writeFileSync(fileOf(program), `${program.source}\nexport {}\n`)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
  rmSync(elsewhere, { recursive: true })
})

test('the programs have the right types', async () => {
  const compiler = join(packageFolder, 'node_modules/typescript/bin/tsc')
  const result = await run(process.execPath, [compiler, '-p', join(folder, 'tsconfig.json')]).catch((e: { stdout: string }) => e)
  expect(result.stdout).toBe('')
}, 160_000)

test.each(programs)('the program of $place runs', async (program) => {
  expect(program.source).toMatch(/from '(@letterlock\/admin|letterlock)'/)
  const { stdout, stderr } = await run(process.execPath, [fileOf(program)], { env: inject('environment'), cwd: elsewhere })
  expect(stderr).toBe('')
  expect(stdout).not.toMatch(/ll_(root|live|test)_\w{64}/)
}, 60_000)

const lacksCurl = spawnSync('curl', ['--version']).error !== undefined && process.env.CI !== 'true'
test.skipIf(lacksCurl).each(shellPrograms())('the commands of $place run', async ({ source }) => {
  const commands = source.replaceAll(/\bcurl\b/g, 'curl --fail --silent --show-error') // a refusal is a failure
  const { stderr } = await run('sh', ['-euc', commands], { env: inject('environment'), cwd: elsewhere })
  expect(stderr).toBe('')
}, 60_000)

test('docs/management tells of every procedure', () => {
  const told = manualPages.map(textOf).join('\n')
  const names = Object.entries(procedures).flatMap(([router, methods]) => Object.keys(methods).map((method) => `${router}.${method}`))
  const missing = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(told))
  expect(missing).toEqual([])
})

test('docs/management/README.md leads to every page', () => {
  const index = textOf('docs/management/README.md')
  const missing = manualPages.map((place) => place.split('/').at(-1) ?? '').filter((file) => file !== 'README.md' && !index.includes(`(${file})`))
  expect(missing).toEqual([])
})

function fileOf({ place }: Program): string {
  return join(folder, `${place.replaceAll(/[^A-Za-z0-9-]+/g, '-')}.ts`)
}
